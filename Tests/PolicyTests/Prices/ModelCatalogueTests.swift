import Testing

@testable import Policy

@Suite struct ModelCatalogueTests {
    /// A duplicate would make one of the two energies count by accident.
    @Test func everyModelIsListedOnce() {
        let ids = ModelCatalogue.models.map(\.id)
        let duplicates = Dictionary(grouping: ids) { $0 }.filter { $0.value.count > 1 }.keys
        #expect(duplicates.isEmpty, "\(duplicates.sorted())")
    }

    /// Requests name models byte by byte: a space or a capital would never match.
    @Test(arguments: ModelCatalogue.models.map(\.id))
    func idIsAsAClientWritesIt(id: String) {
        #expect(id.wholeMatch(of: /[a-z0-9][a-z0-9.\/-]*(:[a-z0-9.]+)?/) != nil)
    }

    /// Between the smallest embedding and the largest dense model; a slip of a power of ten falls out of it.
    @Test(arguments: ModelCatalogue.models.filter { $0.microwattHoursPerToken != nil }.map(\.id))
    func energyIsPlausible(id: String) throws {
        let model = try #require(ModelCatalogue.models.first { $0.id == id })
        let energy = try #require(model.microwattHoursPerToken)
        #expect((100...20_000).contains(energy))
        #expect(EnergyTable.vendor.nanowattHoursPerToken(of: id) == energy * 1000)
    }

    @Test func theBuiltInPricesKnowItsModelsAndNoOthers() {
        #expect(ModelCatalogue.models.allSatisfy { PriceList.vendor.knows($0.id) })
        #expect(!PriceList.vendor.knows("gpt-4o"))
        #expect(!PriceList.vendor.knows(""))
    }
}
