import Testing

@testable import Scanners

@Suite struct JSONNodesTests {
    private func node(_ number: Int) -> JSONIndex.Node {
        JSONIndex.Node(kind: .number, range: number..<number + 1, next: number + 1)
    }

    @Test func nodesStayWhereTheyAreWhileTheMemoryGrows() {
        let nodes = JSONNodes()
        for number in 0..<1000 {
            nodes.append(node(number))
            if number % 100 == 0 { nodes.reserveCapacity(number) }
        }
        #expect(nodes.count == 1000)
        for number in 0..<1000 { #expect(nodes[number].range == number..<number + 1) }
    }

    @Test func removedNodesMakeRoomForOthers() {
        let nodes = JSONNodes()
        for number in 0..<20 { nodes.append(node(number)) }
        nodes.removeAll()
        #expect(nodes.count == 0)
        nodes.append(node(7))
        nodes[0].next = 5
        #expect(nodes.count == 1)
        #expect(nodes[0].range == 7..<8)
        #expect(nodes[0].next == 5)
    }

    @Test func aNodeBeyondTheCountEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            let nodes = JSONNodes()
            nodes.reserveCapacity(4)
            _ = nodes[0]
        }
        await #expect(processExitsWith: .failure) { _ = JSONNodes()[-1] }
    }
}
