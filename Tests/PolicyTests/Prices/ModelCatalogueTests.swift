import Testing

@testable import Policy

@Suite struct ModelCatalogueTests {
    @Test func catalogueIsThatOfTheVendor() {
        #expect(ModelCatalogue.models.count == 58)
        #expect(ModelCatalogue.ids.count == 58)
        #expect(ModelCatalogue.ids.contains("nvidia/llama-nemotron-rerank-vl-1b-v2"))
        #expect(!ModelCatalogue.ids.contains("gpt-4o"))
    }
}
