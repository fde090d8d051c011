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

    private let table = ModelTable(aliases: [
        "claude-*": "gpt-oss:120b", "claude-haiku-*": "gpt-oss:20b", "*-haiku-4": "qwen3:0.6b",
        "claude-opus": "llama3.3:70b",
        "gpt-*": "mistral-small4:119b", "gpt-oss:7b": "gpt-oss:7b",
    ])

    @Test(arguments: [
        ("claude-sonnet-4-5", "gpt-oss:120b"), ("claude-", "gpt-oss:120b"), ("claude-haiku-4-5", "gpt-oss:20b"),
        ("gpt-4o", "mistral-small4:119b"), ("claude", "claude"), ("Claude-x", "Claude-x"), ("", ""),
    ])
    func longestPatternServes(_ asked: String, _ served: String) { #expect(table.served(asked) == served) }

    @Test func wholeNameWinsOverPatterns() { #expect(table.served("claude-opus") == "llama3.3:70b") }

    /// The longest pattern counts by its bytes; of equally long ones always the same.
    @Test func longerPatternWinsWhateverItsForm() {
        #expect(table.served("claude-haiku-4") == "gpt-oss:20b")
        #expect(ModelTable(aliases: ["a*": "1", "*b": "2"]).served("ab") == "2")
    }

    @Test func modelOfAnAliasKeepsItsName() {
        for model in ["gpt-oss:120b", "gpt-oss:20b", "gpt-oss:7b"] { #expect(table.served(model) == model) }
        #expect(table.served("gpt-oss:13b") == "mistral-small4:119b")
    }

    @Test func listHasWholeNamesAlone() {
        #expect(table.aliases == ["claude-opus": "llama3.3:70b", "gpt-oss:7b": "gpt-oss:7b"])
    }

    @Test func modelsThatAPatternHidesAreFound() {
        let models = ["gpt-oss:13b", "gpt-oss:20b", "gpt-oss:7b", "llama3.3:70b", "claude-x", "gpt-a", "claude-opus"]
        #expect(table.hidden(among: models) == ["gpt-*": ["gpt-a", "gpt-oss:13b"], "claude-*": ["claude-x"]])
        #expect(ModelTable(aliases: ["a": "b"]).hidden(among: ["a", "b"]).isEmpty)
    }
}
