import Policy
import Testing

@Suite struct ModelTableTests {
    @Test func aliasIsServedByItsTargetAndTheRestAsItIs() {
        let models = ModelTable(aliases: ["gpt-4o": "gpt-oss:120b"])
        #expect(models.served("gpt-4o") == "gpt-oss:120b")
        #expect(models.served("gpt-oss:120b") == "gpt-oss:120b")
        #expect(models.served("GPT-4o") == "GPT-4o")
        #expect(ModelTable().served("gpt-4o") == "gpt-4o")
    }

    @Test func aliasIsOneStep() {
        #expect(ModelTable(aliases: ["a": "b", "b": "c"]).served("a") == "b")
    }
}
