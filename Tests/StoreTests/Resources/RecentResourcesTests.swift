import Clocks
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct RecentResourcesTests {
    @Test func memoryIsBounded() {
        var recent = RecentResources(limit: 10)
        for number in 0..<1000 { recent.remember(resource(number)) }
        let remembered = (0..<1000).count { recent.recall("file-\($0)") != nil }
        #expect(remembered <= 20)
        #expect(remembered >= 10)
    }

    @Test func aFrequentResourceStays() {
        var recent = RecentResources(limit: 10)
        recent.remember(resource(0))
        for number in 1..<1000 {
            recent.remember(resource(number))
            #expect(recent.recall("file-0") != nil)
        }
    }

    @Test func aChangedResourceIsForgotten() {
        var recent = RecentResources(limit: 2)
        for number in 0..<3 { recent.remember(resource(number)) }
        let count = recent.changeCount
        for number in 0..<3 { recent.forget("file-\(number)") }
        #expect(recent.changeCount == count + 3)
        #expect((0..<3).allSatisfy { recent.recall("file-\($0)") == nil })
    }

    /// Whatever happens, a recalled resource is the last one remembered.
    @Test func agreesWithAModel() {
        var generator = SeededGenerator(seed: 121)
        var recent = RecentResources(limit: 5)
        var model: [String: OwnedResource] = [:]
        for step in 0..<20_000 {
            let number = generator.number(0...30)
            let id = "file-\(number)"
            switch generator.number(0...2) {
            case 0:
                let resource = resource(number, key: "k\(step)")
                recent.remember(resource)
                model[id] = resource
            case 1:
                if let recalled = recent.recall(id) { #expect(recalled == model[id]) }
            default:
                recent.forget(id)
                model[id] = nil
                #expect(recent.recall(id) == nil)
            }
        }
    }

    private func resource(_ number: Int, key: String = "k") -> OwnedResource {
        OwnedResource(id: "file-\(number)", kind: .file, keyID: key, team: nil, createdAt: Timestamp(seconds: 1))
    }
}
