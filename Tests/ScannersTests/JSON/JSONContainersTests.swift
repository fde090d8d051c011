import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONContainersTests {
    private static let paths = JSONPathSet([
        JSONPath("a.b"), JSONPath("a[]", .count), JSONPath("[]", .count), JSONPath("", .count),
    ])

    @Test func onlyTheDocumentsPathsReachTheTopLevel() {
        let containers = JSONContainers(Self.paths)
        #expect(containers.depth == 0)
        #expect(containers.isInObject == false)
        #expect(containers.elementPaths == 0b1111)
    }

    @Test func anObjectWantsTheKeysThatPathsHave() {
        var containers = JSONContainers(Self.paths)
        let frame = JSONContainers.Frame(candidates: 0b0111, matched: 0b1000)
        let isTracked = containers.open(isObject: true, frame, reaching: 0b1111, in: Self.paths)
        #expect(isTracked)
        #expect(containers.wantsKeys == true)
        #expect(containers.elementPaths == 0)
        #expect(containers.countsElements == true, "the path of the whole document counts its members")
        #expect(containers.candidates == 0b0111)
    }

    @Test func anArrayLeadsToItsElements() {
        var containers = JSONContainers(Self.paths)
        let frame = JSONContainers.Frame(candidates: 0b0111, matched: 0b1000)
        _ = containers.open(isObject: false, frame, reaching: 0b1111, in: Self.paths)
        #expect(containers.wantsKeys == false)
        #expect(containers.elementPaths == 0b0100)
    }

    @Test func elementsAreCountedOnlyForAPathThatCounts() {
        var containers = JSONContainers(Self.paths)
        _ = containers.open(
            isObject: false, JSONContainers.Frame(candidates: 0b0100, matched: 0b1000), reaching: 0b1100, in: Self.paths
        )
        for _ in 0..<3 { containers.countElement() }
        let counted = containers.close(in: Self.paths)?.elements
        #expect(counted == 3)
        _ = containers.open(
            isObject: false, JSONContainers.Frame(candidates: 0b0100), reaching: 0b0100, in: Self.paths)
        containers.countElement()
        let uncounted = containers.close(in: Self.paths)?.elements
        #expect(uncounted == 0)
    }

    @Test func aRepeatedMemberIsSeen() {
        var containers = JSONContainers(Self.paths)
        _ = containers.open(
            isObject: true, JSONContainers.Frame(candidates: 0b0011), reaching: 0b0011, in: Self.paths)
        let again = [0b0011, 0b0001, 0b0100].map { containers.see($0) }
        #expect(again == [0, 0b0001, 0])
    }

    @Test func nothingIsKnownOfAContainerThatNoPathReaches() {
        var containers = JSONContainers(Self.paths)
        let isTracked = containers.open(isObject: true, JSONContainers.Frame(), reaching: 0, in: Self.paths)
        #expect(!isTracked)
        #expect(containers.wantsKeys == false)
        #expect(containers.countsElements == false)
        let isUntracked = containers.close(in: Self.paths) == nil
        #expect(isUntracked)
        #expect(containers.depth == 0)
    }

    /// The model is a stack with the kinds of the open containers.
    @Test(arguments: 0..<50) func theKindsOfAllOpenContainersAreKept(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var containers = JSONContainers(Self.paths)
        var model: [Bool] = []
        for _ in 0..<2000 {
            if model.count < 256, model.isEmpty || random.number(0...99) < 55 {
                let isObject = random.once(in: 2)
                _ = containers.open(isObject: isObject, JSONContainers.Frame(), reaching: 0, in: Self.paths)
                model.append(isObject)
            } else {
                _ = containers.close(in: Self.paths)
                model.removeLast()
            }
            #expect(containers.depth == model.count)
            #expect(containers.isInObject == model.last ?? false)
        }
        containers.reset(Self.paths)
        #expect(containers.depth == 0)
        #expect(containers.isInObject == false)
    }
}
