import Testing

@testable import Scanners

@Suite struct JSONPathTests {
    @Test(
        arguments: [
            ("", []), ("a", [.member(Array("a".utf8))]), ("[]", [.element]),
            ("a.b", [.member(Array("a".utf8)), .member(Array("b".utf8))]),
            ("a[].b", [.member(Array("a".utf8)), .element, .member(Array("b".utf8))]),
            ("[][].é", [.element, .element, .member(Array("é".utf8))]),
        ] as [(String, [JSONPath.Component])])
    func pathsAreReadIntoComponents(path: String, components: [JSONPath.Component]) {
        #expect(JSONPath(path).components == components)
    }

    @Test func aBracketThatStaysOpenEndsTheProcess() async {
        await #expect(processExitsWith: .failure) { _ = JSONPath("a[0]") }
    }

    @Test func anEmptyNameEndsTheProcess() async {
        await #expect(processExitsWith: .failure) { _ = JSONPath("a..b") }
    }

    @Test func aMissingPointEndsTheProcess() async {
        await #expect(processExitsWith: .failure) { _ = JSONPath("[]a") }
    }
}

@Suite struct JSONPathSetTests {
    private func paths(for name: String, at depth: Int, in set: JSONPathSet, among candidates: UInt64 = .max) -> UInt64
    {
        set.paths(for: Array(name.utf8).span, at: depth, among: candidates)
    }

    @Test func aNameLeadsToItsPathsAtItsDepth() {
        let set = JSONPathSet(["a", "a.b", "c.b", "ab"].map { JSONPath($0) })
        #expect(paths(for: "a", at: 0, in: set) == 0b0011)
        #expect(paths(for: "b", at: 1, in: set) == 0b0110)
        #expect(paths(for: "b", at: 1, in: set, among: 0b0100) == 0b0100)
        #expect(paths(for: "ab", at: 0, in: set) == 0b1000)
        for name in ["b", "", "aa", "A", "abc"] { #expect(paths(for: name, at: 0, in: set) == 0) }
        #expect(paths(for: "a", at: 1, in: set) == 0)
    }

    @Test func namesOfTheSameLengthModulo64AreToldApart() {
        let set = JSONPathSet([JSONPath("x")])
        #expect(paths(for: String(repeating: "x", count: 65), at: 0, in: set) == 0)
    }

    @Test func masksNameThePathsOfEachKind() {
        let set = JSONPathSet([
            JSONPath("a"), JSONPath("b", .textLength), JSONPath("c", .count, duplicates: .refuse),
        ])
        #expect(set.count == 3)
        #expect(set.all == 0b111)
        #expect(set.measuring == 0b010)
        #expect(set.counting == 0b100)
        #expect(set.refusing == 0b100)
    }

    @Test func levelsKnowTheComponentsOfTheirDepth() {
        let set = JSONPathSet(["", "a", "[].b", "a[]"].map { JSONPath($0) })
        #expect(set.levels.count == 3)
        #expect(set.levels.map(\.terminal) == [0b0001, 0b0010, 0b1100])
        #expect(set.levels.map(\.members) == [0b1010, 0b0100, 0])
        #expect(set.levels.map(\.elements) == [0b0100, 0b1000, 0])
        #expect(set.levels[0].unique == 0b1110)
        #expect(set.levels[1].unique == 0b1000, "a path is not unique after its first []")
        #expect(set.longestName == 1)
        #expect(
            JSONPathSet([JSONPath("tasks"), JSONPath("seven")]).longestName == 9, "with two bytes for s, three for k")
    }

    @Test func anEmptySetMatchesNothing() {
        let set = JSONPathSet([])
        #expect(set.count == 0)
        #expect(set.longestName == 0)
        #expect(paths(for: "", at: 0, in: set) == 0)
    }

    @Test func sixtyFourPathsEndTheProcess() async {
        #expect(JSONPathSet((0..<63).map { JSONPath("m\($0)") }).count == 63)
        await #expect(processExitsWith: .failure) { _ = JSONPathSet((0..<64).map { JSONPath("m\($0)") }) }
    }
}
