import Testing

@testable import Settings

@Suite struct ExpansionTests {
    private let expansion = Expansion(environment: ["NAME": "value", "EMPTY": "", "NESTED": "${NAME}", "_a1": "x"]) {
        path in
        switch path {
        case "/secret": "line 1\nline 2\r\n\n"
        case "/empty": ""
        default: throw MissingFile()
        }
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("${NAME}", "value"), ("a${NAME}b${NAME}c", "avaluebvaluec"), ("${EMPTY}", ""),
        ("${_a1}", "x"), ("${NAME:-other}", "value"), ("${EMPTY:-other}", "other"), ("${MISSING:-other}", "other"),
        ("${MISSING:-}", ""), ("${MISSING:-a:-b}", "a:-b"), ("${MISSING:-https://a/v1}", "https://a/v1"),
        ("${NESTED}", "${NAME}"), ("${file:/secret}", "line 1\nline 2"), ("<${file:/empty}>", "<>"), ("$", "$"),
        ("$NAME", "$NAME"),
        ("$$", "$$"), ("a$b}c", "a$b}c"), ("$${NAME}", "${NAME}"), ("$$${NAME}", "$${NAME}"), ("$${", "${"),
        ("${NAME}$${NAME}${NAME}", "value${NAME}value"),
    ])
    func expands(text: String, expected: String) throws {
        #expect(try expansion.expand(text).text == expected)
    }

    @Test func knowsWhatCameFromOutside() throws {
        #expect(try !expansion.expand("$${NAME}").isForeign)
        #expect(try expansion.expand("a${NAME}").isForeign)
        #expect(try expansion.expand("${file:/secret}").isForeign)
    }

    @Test(arguments: [
        "${MISSING}", "${", "${NAME", "${}", "${1A}", "${A B}", "${:-a}", "${é}", "${file:}", "${file:/none}",
        "${NAME:?x}",
    ])
    func refuses(text: String) {
        #expect(throws: ParseProblem.self) { try expansion.expand(text) }
    }

    @Test func optionalVariablesCountAsEmpty() throws {
        #expect(try expansion.expand("${MISSING}", optional: ["MISSING"]) == .init(text: "", isForeign: true))
        #expect(throws: ParseProblem.self) { try expansion.expand("${OTHER}", optional: ["MISSING"]) }
    }

    @Test func errorsNameTheVariableAndANearOne() throws {
        let problem = try #require(throws: ParseProblem.self) { try expansion.expand("${NAMES}") }
        #expect(problem.message.contains("NAMES is not set"))
        #expect(problem.suggestion == "NAME")
        let file = try #require(throws: ParseProblem.self) { try expansion.expand("${file:/none}") }
        #expect(file.message == "the file /none cannot be read: MissingFile()")
    }
}
