import Loopback
import Testing

@testable import Transport

@Suite struct SocketTableTests {
    @Test func aSocketIsFoundByItsTokenAndItsDescriptor() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            var table = SocketTable()
            let token = table.insert(left)
            #expect(table.socket(for: token)?.takeUnretainedValue() === left)
            #expect(table.socket(at: left.descriptor)?.takeUnretainedValue() === left)
        }
    }

    @Test func aRemovedSocketIsNotFound() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            var table = SocketTable()
            let token = table.insert(left)
            table.remove(left.descriptor)
            #expect(table.socket(for: token) == nil)
            #expect(table.socket(at: left.descriptor) == nil)
        }
    }

    @Test func anOldTokenDoesNotFindTheNextSocketOfTheSameNumber() async throws {
        try await onLoop { loop in
            let (left, right) = try socketPair(on: loop)
            defer { left.close(); right.close() }
            var table = SocketTable()
            let old = table.insert(left)
            table.remove(left.descriptor)
            let new = table.insert(left)
            #expect(new != old)
            #expect(table.socket(for: old) == nil)
            #expect(table.socket(for: new)?.takeUnretainedValue() === left)
        }
    }

    @Test func socketsDoNotDisturbEachOther() async throws {
        try await onLoop { loop in
            let pairs = try (0..<20).map { _ in try socketPair(on: loop) }
            defer { for (left, right) in pairs { left.close(); right.close() } }
            var table = SocketTable()
            let tokens = pairs.map { table.insert($0.0) }
            for index in stride(from: 0, to: 20, by: 2) { table.remove(pairs[index].0.descriptor) }
            for (index, token) in tokens.enumerated() {
                let found = table.socket(for: token)?.takeUnretainedValue()
                #expect((found === pairs[index].0) == (index % 2 == 1))
            }
        }
    }
}
