import Glibc
import Testing

@testable import Transport

@Suite struct TLSResumptionTests {
    private let client: TLSContext
    private let server: TLSContext

    init() throws {
        client = try .testClient()
        server = try .testServer()
    }

    /// Connects, lets the client take the server's tickets, and says whether each end resumed.
    private func connect(
        _ client: TLSContext, _ server: TLSContext, name: String = "gateway.test",
        endingWith end: (TestPeers) throws -> Void = { _ in }
    ) throws -> Bool {
        let peers = TestPeers(client: client, server: server, name: name)
        try peers.connect()
        #expect(peers.client.isResumed == peers.server.isResumed)
        #expect(try [UInt8].readOnce(from: peers.client).step == .wantsRead)
        try end(peers)
        return peers.client.isResumed
    }

    @Test func theSecondConnectionResumes() throws {
        #expect(try !connect(client, server))
        for _ in 0..<5 { #expect(try connect(client, server)) }
    }

    @Test func aProperEndDoesNotHinder() throws {
        _ = try connect(client, server) { peers in
            _ = try peers.server.sendCloseNotify()
            _ = try [UInt8].readOnce(from: peers.client)
            _ = try peers.client.sendCloseNotify()
        }
        #expect(try connect(client, server))
    }

    @Test func aTruncationDoesNotHinder() throws {
        _ = try connect(client, server) { peers in
            peers.descriptors.closeSecond()
            #expect(throws: TLSError.closed) { try [UInt8].readOnce(from: peers.client) }
        }
        // Two tickets were given; both have to be good.
        let pair = [TestPeers(client: client, server: server), TestPeers(client: client, server: server)]
        for peers in pair { try peers.connect() }
        #expect(pair.allSatisfy { $0.client.isResumed })
    }

    @Test func aFaultIsNotResumed() throws {
        _ = try connect(client, server)
        let peers = TestPeers(client: client, server: server)
        try peers.connect()
        // No record begins like this.
        #expect(write(peers.descriptors.second, [UInt8](repeating: 0xFF, count: 64), 64) == 64)
        #expect(throws: TLSError.self) { while true { _ = try [UInt8].readOnce(from: peers.client) } }
        #expect(try !connect(client, server))
    }

    @Test func sessionsBelongToTheirName() throws {
        _ = try connect(client, server)
        #expect(try !connect(client, server, name: "a.wild.test"))
        #expect(try connect(client, server, name: "gateway.test"))
        #expect(try connect(client, server, name: "a.wild.test"))
    }

    @Test func sessionsBelongToTheirContexts() throws {
        _ = try connect(client, server)
        #expect(try !connect(.testClient(), server))
        // A server that knows nothing of the ticket shakes hands in full.
        #expect(try !connect(client, .testServer()))
    }
}
