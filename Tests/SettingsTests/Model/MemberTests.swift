import Testing
import Yams

@testable import Settings

/// One member of each sort, read, written and documented.
@Suite struct MemberTests {
    private struct Owner: Equatable {
        var count = 3
        var name: String?
        var words: [String] = ["a"]
        var others: [String]?
        var inner = Inner()
    }

    private struct Inner: Equatable {
        var flag = false
    }

    private static var members: [Member<Owner>] {
        [
            Member(\.count, "count", .integer(1...9), "A number."),
            Member(optional: \.name, "name", .text, "A name."),
            Member(list: \.words, "words", .text, "Words."),
            Member(optionalList: \.others, "others", .text, "Other words."),
            Member(section: \.inner, "inner", [Member(\.flag, "flag", .boolean, "A flag.")], "Inner members."),
        ]
    }

    /// The owner that `text` describes, and the places of errors.
    private func read(
        _ text: String, _ members: [Member<Owner>] = Self.members, environment: [String: String] = [:]
    ) throws -> (owner: Owner, errors: [String]) {
        let diagnostics = Diagnostics(file: "test.yaml")
        let context = ReadingContext(
            document: try YAMLDocument(text),
            expansion: Expansion(environment: environment, readFile: { _ in throw MissingFile() }),
            diagnostics: diagnostics)
        let mapping = context.document.root?.mapping
        var owner = Owner()
        ConfigSection(mapping, path: "", position: .start, context: context).read(members, into: &owner)
        return (owner, diagnostics.issuesInOrder.map { "\($0.line):\($0.column) \($0.path)" })
    }

    @Test func missingMembersKeepTheirDefaults() throws {
        let (owner, errors) = try read("{}")
        #expect(owner == Owner())
        #expect(errors.isEmpty)
    }

    @Test func valuesAreRead() throws {
        let text = "{count: 7, name: n, words: [b, c], others: [d], inner: {flag: true}}"
        let expected = Owner(count: 7, name: "n", words: ["b", "c"], others: ["d"], inner: Inner(flag: true))
        #expect(try read(text).owner == expected)
    }

    @Test func nullKeepsADefaultAndRemovesAnOptional() throws {
        let (owner, errors) = try read("{count: null, name: null, words: null, others: null, inner: null}")
        #expect(owner == Owner(words: []))
        #expect(errors.isEmpty)
    }

    @Test func aSingleValueIsAListOfOne() throws {
        #expect(try read("words: b").owner.words == ["b"])
        #expect(try read("others: b").owner.others == ["b"])
    }

    @Test func wrongValuesKeepTheDefaultAndAreAllReported() throws {
        let (owner, errors) = try read("count: 10\nwords: [b, [c]]\ninner: {flag: maybe, other: 1}\nmore: 1\n")
        #expect(owner == Owner(words: ["b"]))
        #expect(errors == ["1:8 count", "2:12 words[1]", "3:15 inner.flag", "3:22 inner.other", "4:1 more"])
    }

    @Test func expressionsAreReadWhereTheFileIsSilent() throws {
        let members: [Member<Owner>] = [Member(\.count, "count", .integer(1...9), "A number.", from: "${N:-5}")]
        #expect(try read("{}", members).owner.count == 5)
        #expect(try read("{}", members, environment: ["N": "6"]).owner.count == 6)
        #expect(try read("count: 7", members, environment: ["N": "6"]).owner.count == 7)
        #expect(try read("{}", members, environment: ["N": "10"]).errors == ["1:1 count"])
    }

    @Test func variablesOfListsMayBeMissing() throws {
        let members: [Member<Owner>] = [Member(list: \.words, "words", .text, "Words.", variable: "W")]
        #expect(try read("{}", members).owner.words == [])
        #expect(try read("{}", members, environment: ["W": "w"]).owner.words == ["w"])
        #expect(try read("words: [\"${W}\", x]", members).owner.words == ["x"])
        #expect(try read("words: [\"${X}\"]", members).errors == ["1:9 words[0]"])
    }

    @Test func writtenMembersAreReadAgain() throws {
        let owner = Owner(count: 9, name: "null", words: ["${a}", ""], others: [], inner: Inner(flag: true))
        let text = try Yams.serialize(node: Node(members: Self.members, of: owner))
        var expected = owner
        // An empty value counts as not set, in lists too.
        expected.words = ["${a}"]
        #expect(try read(text).owner == expected)
    }

    @Test func referenceHasNameFormDefaultAndMeaning() {
        let references = Self.members.map { $0.reference(Owner()) }
        #expect(references.map(\.name) == ["count", "name", "words", "others", "inner"])
        #expect(
            references.map(\.form) == [
                "whole number, 1 to 9", "text, or `null`", "list of: text", "list of: text; or `null`", "section",
            ])
        #expect(references.map(\.default) == ["`3`", "`null`", "`[a]`", "`null`", ""])
        #expect(references.last?.members.map(\.default) == ["`false`"])
    }
}
