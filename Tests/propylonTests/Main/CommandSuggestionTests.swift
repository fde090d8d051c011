import Testing

@testable import propylon

@Suite struct CommandSuggestionTests {
    private func error(_ arguments: String...) -> String? { CommandSuggestion.error(in: arguments, of: Propylon.self) }

    @Test func mistypedCommandsAreCorrected() {
        #expect(error("sevre")?.hasSuffix("; did you mean serve?") == true)
        #expect(
            error("statsu", "--json")?.hasPrefix("there is no command \"statsu\"; the commands are serve, keys, ")
                == true)
        #expect(error("keys", "craete", "--name", "x")?.hasSuffix("; did you mean create?") == true)
        #expect(
            error("config", "chekc")?.hasPrefix("there is no command \"chekc\"; the commands of config are check, ")
                == true)
        #expect(error("nothing")?.contains("did you mean") == false)
    }

    @Test func whatIsNoCommandIsLeftAlone() {
        #expect(error() == nil)
        #expect(error("serve", "--lisetn", "x") == nil)
        #expect(error("keys", "show", "ada") == nil)
        #expect(error("--vesion") == nil)
        #expect(error("help", "keys") == nil)
        // `usage` has a default command.
        #expect(error("usage", "ada") == nil)
    }
}
