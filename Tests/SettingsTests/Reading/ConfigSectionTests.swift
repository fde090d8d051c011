import Testing
import Yams

@testable import Settings

@Suite struct ConfigSectionTests {
    private let diagnostics = Diagnostics(file: "a.yaml")

    private func section(_ text: String) throws -> ConfigSection {
        let document = try YAMLDocument(text)
        let context = ReadingContext(
            document: document, expansion: Expansion(environment: [:], readFile: { _ in throw MissingFile() }),
            diagnostics: diagnostics)
        return ConfigSection(document.root?.mapping, path: "s", position: .start, context: context)
    }

    private var places: [String] { diagnostics.issuesInOrder.map { "\($0.line):\($0.column) \($0.path)" } }

    @Test func membersAreFoundByName() throws {
        let section = try section("{a: 1, b: ~}")
        #expect(section.node("a")?.path == "s.a")
        #expect(section.node("b")?.isNull == true)
        #expect(section.nodeWithValue("b") == nil)
        #expect(section.node("c") == nil)
    }

    @Test func unknownMembersAreReportedWithTheNearestKnown() throws {
        let section = try section("{connections: 1, conections: 2, other: 3}")
        _ = section.node("connections")
        section.finish()
        #expect(places == ["1:18 s.conections", "1:33 s.other"])
        #expect(diagnostics.issuesInOrder.map(\.suggestion) == ["connections", nil])
    }

    @Test func repeatedMembersAreReportedAndTheLastCounts() throws {
        let section = try section("a: 1\nb: 2\na: 3\n")
        #expect(section.node("a")?.node.scalar?.string == "3")
        #expect(places == ["3:1 s.a"])
        #expect(diagnostics.issues.first?.message == "is already set in line 1; remove one of the two")
    }

    @Test func namesMustBeTexts() throws {
        _ = try section("[a]: 1\n")
        #expect(diagnostics.issues.map(\.message) == ["the name of a member must be a text"])
    }

    @Test func defaultsStandAtTheSection() throws {
        let node = try section("{a: ~}").node("a", default: "7")
        #expect(node.node.scalar?.string == "7")
        #expect(node.path == "s.a")
        #expect(try section("{a: 8}").node("a", default: "7").node.scalar?.string == "8")
    }

    @Test func aMissingSectionIsEmpty() throws {
        let inner = try section("{}").section("inner")
        #expect(inner.path == "s.inner")
        #expect(inner.node("a") == nil)
        inner.finish()
        #expect(places.isEmpty)
    }

    @Test func tablesHaveAllTheirMembers() throws {
        let table = try section("t: {b: 1, a: 2}\n").table("t")
        #expect(table.map(\.name) == ["b", "a"])
        #expect(table.map(\.node.path) == ["s.t.b", "s.t.a"])
        #expect(try section("t: ~\n").table("t").isEmpty)
        #expect(try section("{}").table("t").isEmpty)
    }

    @Test func membersOfTheRootHaveNoPrefix() throws {
        let document = try YAMLDocument("a: 1\n")
        let context = ReadingContext(
            document: document, expansion: Expansion(environment: [:], readFile: { _ in "" }), diagnostics: diagnostics)
        let root = ConfigSection(document.root?.mapping, path: "", position: .start, context: context)
        #expect(root.node("a")?.path == "a")
        #expect(root.position(of: "a") == .start)
    }
}
