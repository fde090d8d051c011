import Testing

@testable import propylon

@Suite struct TextStylesTests {
    private let colours = TextStyles(isTerminal: true, environment: ["TERM": "xterm"])

    @Test(
        arguments: [
            ([:], true), (["NO_COLOR": ""], true), (["NO_COLOR": "1"], false), (["TERM": "dumb"], false),
        ] as [([String: String], Bool)])
    func onATerminalUnlessUnwanted(environment: [String: String], isOn: Bool) {
        #expect(TextStyles(isTerminal: true, environment: environment).isOn == isOn)
        #expect(!TextStyles(isTerminal: false, environment: environment).isOn)
    }

    @Test func errorsAndWarningsAreMarked() {
        #expect(colours.marked("error: a\nb") == "\u{1B}[31merror:\u{1B}[0m a\nb")
        #expect(
            colours.marked("a.yaml:1:2: error: x\na.yaml:3:4: warning: y")
                == "a.yaml:1:2: \u{1B}[31merror:\u{1B}[0m x\na.yaml:3:4: \u{1B}[33mwarning:\u{1B}[0m y")
        #expect(colours.marked("no error: here") == "no error: here")
        #expect(TextStyles.none.marked("error: a") == "error: a")
    }
}
