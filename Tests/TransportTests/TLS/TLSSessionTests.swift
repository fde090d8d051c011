import Glibc
import SeededRandom
import Testing

@testable import Transport

/// Bytes through an established connection, and how it ends.
@Suite struct TLSSessionTests {
    private func connectedPeers(over descriptors: TestDescriptors = .socketPair()) throws -> TestPeers {
        let peers = try TestPeers(client: .testClient(), server: .testServer(), over: descriptors)
        try peers.connect()
        return peers
    }

    private func randomBytes(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    // MARK: Content

    @Test func contentArrivesAndEnds() throws {
        let peers = try connectedPeers(over: .loopback())
        try Steps.write(Array("question".utf8), to: peers.client, on: peers.descriptors.first)
        #expect(try Steps.read(8, from: peers.server, on: peers.descriptors.second) == Array("question".utf8))
        #expect(try peers.client.sendCloseNotify() == .done(0))
        #expect(try peers.client.sendCloseNotify() == .done(0))
        #expect(try Steps.read(1, from: peers.server, on: peers.descriptors.second).isEmpty)
        #expect(try [UInt8].readOnce(from: peers.server).step == .closed)

        // One direction has ended; the other goes on.
        try Steps.write(Array("answer".utf8), to: peers.server, on: peers.descriptors.second)
        #expect(try Steps.read(6, from: peers.client, on: peers.descriptors.first) == Array("answer".utf8))
        #expect(try peers.server.sendCloseNotify() == .done(0))
        #expect(try Steps.read(1, from: peers.client, on: peers.descriptors.first).isEmpty)
        #expect(try [UInt8].readOnce(from: peers.client).step == .closed)
    }

    @Test func nothingToReadAndNothingToWrite() throws {
        let peers = try connectedPeers()
        // The tickets of the server are no content.
        #expect(try [UInt8].readOnce(from: peers.client).step == .wantsRead)
        #expect(try [UInt8].readOnce(from: peers.server).step == .wantsRead)
        #expect(try peers.client.write(UnsafeRawBufferPointer(start: nil, count: 0)) == .done(0))
        #expect(!peers.client.hasPendingPlaintext)
    }

    @Test func aWriteTakesARecordAtMost() throws {
        let peers = try connectedPeers()
        let content = [UInt8](repeating: 7, count: 40_000)
        #expect(try content.withUnsafeBytes { try peers.client.write($0) } == .done(16_384))
        #expect(
            try Steps.read(16_384, from: peers.server, on: peers.descriptors.second) == Array(content.prefix(16_384)))
    }

    /// What OpenSSL has to say about one connection on this thread is not taken for the fault of another.
    @Test func anErrorElsewhereIsNotOurs() throws {
        let peers = try connectedPeers()
        // The tickets come first, and OpenSSL forgets errors with them.
        #expect(try [UInt8].readOnce(from: peers.client).step == .wantsRead)
        let unusable = TLSSession(
            try .testClient(), descriptor: peers.descriptors.first, serverName: String(repeating: "a", count: 300))
        #expect(try [UInt8].readOnce(from: peers.client).step == .wantsRead)
        #expect(throws: TLSError.self) { try unusable.handshake() }
    }

    @Test func whatWasNotReadIsPending() throws {
        let peers = try connectedPeers()
        try Steps.write(Array("abcdef".utf8), to: peers.server, on: peers.descriptors.second)
        #expect(try [UInt8].readOnce(2, from: peers.client).bytes == Array("ab".utf8))
        #expect(peers.client.hasPendingPlaintext)
        #expect(try [UInt8].readOnce(9, from: peers.client).bytes == Array("cdef".utf8))
        #expect(!peers.client.hasPendingPlaintext)
    }

    /// The records of two writes come with one system call, so the second is taken in before it is asked for.
    @Test func recordsTakenInTogetherArePending() throws {
        let peers = try connectedPeers()
        try Steps.write(Array("ab".utf8), to: peers.server, on: peers.descriptors.second)
        try Steps.write(Array("cd".utf8), to: peers.server, on: peers.descriptors.second)
        #expect(try [UInt8].readOnce(9, from: peers.client).bytes == Array("ab".utf8))
        #expect(peers.client.hasPendingPlaintext)
        #expect(try [UInt8].readOnce(9, from: peers.client).bytes == Array("cd".utf8))
        #expect(!peers.client.hasPendingPlaintext)
    }

    @Test func writtenBytesAreCountedAsTheTransportSeesThem() throws {
        let wire = TestWire()
        let server = TLSSession(try .testServer(), descriptor: wire.server.first, serverName: nil)
        let client = TLSSession(try .testClient(), descriptor: wire.client.first, serverName: "gateway.test")
        #expect(server.bytesWrittenToDescriptor == 0)
        var (clientStep, serverStep) = (TLSStep.wantsRead, TLSStep.wantsRead)
        while clientStep != .done(0) || serverStep != .done(0) {
            if clientStep != .done(0) { clientStep = try client.handshake() }
            wire.pass()
            if serverStep != .done(0) { serverStep = try server.handshake() }
            wire.pass()
        }
        #expect(server.bytesWrittenToDescriptor == UInt64(wire.passedToClient))
        try Steps.write([UInt8](repeating: 7, count: 1000), to: server, on: wire.server.first)
        wire.pass()
        #expect(server.bytesWrittenToDescriptor == UInt64(wire.passedToClient))
        #expect(wire.passedToClient > 1000)
    }

    @Test func aFullSocketWantsWrite() throws {
        let peers = try connectedPeers(over: .socketPair(bufferSize: 8192))
        var generator = SeededGenerator(seed: 1)
        let content = randomBytes(400_000, using: &generator)
        var sent = 0
        var received: [UInt8] = []
        var waits = 0
        var attempts: [[UInt8]] = []
        while received.count < content.count {
            // Each attempt lies elsewhere in memory, and after a wait more bytes follow the ones that were tried.
            let attempt = Array(content[sent...])
            attempts = [attempts.last ?? [], attempt]
            if !attempt.isEmpty {
                switch try attempt.withUnsafeBytes({ try peers.server.write($0) }) {
                case .done(let count):
                    sent += count
                    // What was written is said at once, and not when the next record is written too.
                    #expect(count <= 16_384)
                    continue
                case .wantsWrite:
                    waits += 1
                    try #require(waits < 100_000)
                    // The record under way cannot be overtaken by the end.
                    #expect(try peers.server.sendCloseNotify() == .wantsWrite)
                case let other:
                    Issue.record("\(other)")
                    return
                }
            }
            received += try [UInt8].readOnce(20_000, from: peers.client).bytes
            #expect(received.count <= sent + 16_384)
        }
        #expect(received == content)
        #expect(waits > 10)
        #expect(try peers.server.sendCloseNotify() == .done(0))
        #expect(try [UInt8].readOnce(from: peers.client).step == .closed)
    }

    /// Both ends send at once, in pieces of random sizes, over a wire that passes on random counts; what arrives is
    /// what was sent.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func randomPiecesBothWays(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let wire = TestWire()
        let ends = [
            TLSSession(try .testClient(), descriptor: wire.client.first, serverName: "gateway.test"),
            TLSSession(try .testServer(), descriptor: wire.server.first, serverName: nil),
        ]
        let contents = [randomBytes(300_000, using: &generator), randomBytes(200_000, using: &generator)]
        var isConnected = [false, false]
        var sent = [0, 0]
        // A piece that was refused is repeated.
        var piece = [0, 0]
        var received: [[UInt8]] = [[], []]
        var buffer = [UInt8](repeating: 0, count: 40_000)
        var rounds = 0
        while received[0].count < contents[1].count || received[1].count < contents[0].count {
            rounds += 1
            try #require(rounds < 1_000_000)
            let end = Int.random(in: 0...1, using: &generator)
            wire.pass(
                toServer: Int.random(in: 0...20_000, using: &generator),
                toClient: Int.random(in: 0...20_000, using: &generator))
            guard isConnected[end] else {
                isConnected[end] = try ends[end].handshake() == .done(0)
                continue
            }
            if Bool.random(using: &generator), sent[end] < contents[end].count {
                piece[end] = max(piece[end], Int.random(in: 1...30_000, using: &generator))
                let bytes = Array(contents[end][sent[end]...].prefix(piece[end]))
                if case .done(let count) = try bytes.withUnsafeBytes({ try ends[end].write($0) }) {
                    sent[end] += count
                    piece[end] = 0
                }
            } else {
                let count = Int.random(in: 1...buffer.count, using: &generator)
                let step = try buffer.withUnsafeMutableBytes { try ends[end].read(into: .init(rebasing: $0[..<count])) }
                if case .done(let count) = step { received[end] += buffer[..<count] }
            }
        }
        #expect(received[0] == contents[1])
        #expect(received[1] == contents[0])
    }

    /// The handshake and a question and answer, a byte at a time.
    @Test func everySplitOfTheBytes() throws {
        let wire = TestWire()
        let client = TLSSession(try .testClient(), descriptor: wire.client.first, serverName: "gateway.test")
        let server = TLSSession(try .testServer(), descriptor: wire.server.first, serverName: nil)
        var (clientStep, serverStep) = (TLSStep.wantsRead, TLSStep.wantsRead)
        while clientStep != .done(0) || serverStep != .done(0) {
            if clientStep != .done(0) { clientStep = try client.handshake() }
            if serverStep != .done(0) { serverStep = try server.handshake() }
            wire.pass(1)
        }
        try Steps.write(Array("answer".utf8), to: server, on: wire.server.first)
        var received: [UInt8] = []
        while received.count < 6 {
            let (step, bytes) = try [UInt8].readOnce(from: client)
            #expect(step == .wantsRead || bytes == Array("answer".utf8))
            received += bytes
            wire.pass(1)
        }
    }

    // MARK: Ends and faults

    @Test func anEndWithoutCloseNotifyIsATruncation() throws {
        let peers = try connectedPeers()
        try Steps.write(Array("half an ans".utf8), to: peers.server, on: peers.descriptors.second)
        peers.descriptors.closeSecond()
        #expect(try [UInt8].readOnce(from: peers.client).bytes == Array("half an ans".utf8))
        #expect(throws: TLSError.closed) { try [UInt8].readOnce(from: peers.client) }
        // An error is final.
        #expect(throws: TLSError.closed) { try [UInt8].readOnce(from: peers.client) }
        #expect(throws: TLSError.closed) { try [1].withUnsafeBytes { try peers.client.write($0) } }
        #expect(throws: TLSError.closed) { try peers.client.sendCloseNotify() }
    }

    /// A record of which any part is missing is a truncation, and so is a `close_notify` of which any part is missing.
    @Test func anEndWithinARecordIsATruncation() throws {
        var (cut, isWhole) = (0, false)
        while !isWhole {
            let wire = TestWire()
            let (client, server) = try connect(over: wire)
            try Steps.write(Array("content".utf8), to: server, on: wire.server.first)
            let content = wire.waitingForClient
            #expect(try server.sendCloseNotify() == .done(0))
            isWhole = cut == wire.waitingForClient
            wire.pass(cut)
            wire.client.closeSecond()
            if cut >= content { #expect(try [UInt8].readOnce(from: client).bytes == Array("content".utf8)) }
            if isWhole {
                #expect(try [UInt8].readOnce(from: client).step == .closed)
            } else {
                #expect(throws: TLSError.closed, "\(cut) bytes passed") { try [UInt8].readOnce(from: client) }
            }
            cut += 1
        }
        #expect(cut > 40)
    }

    @Test func damagedRecordsAreRefused() throws {
        let wire = TestWire()
        let (client, server) = try connect(over: wire)
        try Steps.write(Array("content".utf8), to: server, on: wire.server.first)
        wire.damage(at: 8)
        wire.pass()
        do throws(TLSError) {
            _ = try [UInt8].readOnce(from: client)
            Issue.record("damage went unnoticed")
        } catch {
            guard case .protocolViolation(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("bad record mac"))
        }
    }

    @Test func aResetIsASystemError() throws {
        let peers = try connectedPeers(over: .loopback())
        peers.descriptors.resetFirst()
        #expect(throws: TLSError.system(errno: ECONNRESET)) {
            try Steps.read(1, from: peers.server, on: peers.descriptors.second)
        }
    }

    private func connect(over wire: TestWire) throws -> (client: TLSSession, server: TLSSession) {
        let client = TLSSession(try .testClient(), descriptor: wire.client.first, serverName: "gateway.test")
        let server = TLSSession(try .testServer(), descriptor: wire.server.first, serverName: nil)
        var (clientStep, serverStep) = (TLSStep.wantsRead, TLSStep.wantsRead)
        while clientStep != .done(0) || serverStep != .done(0) {
            if clientStep != .done(0) { clientStep = try client.handshake() }
            wire.pass()
            if serverStep != .done(0) { serverStep = try server.handshake() }
            wire.pass()
        }
        // The tickets come first.
        #expect(try [UInt8].readOnce(from: client).step == .wantsRead)
        return (client, server)
    }
}
