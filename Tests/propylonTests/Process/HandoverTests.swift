import Clocks
import Dispatch
import Foundation
import Glibc
import Loopback
import Policy
import Settings
import Synchronization
import Testing
import Transport

@testable import propylon

/// The conversation between a gateway and its successor.
@Suite(.ownThread) struct HandoverTests {
    private let folder = try! TemporaryFolder()
    private let log = LogRecorder()

    /// A gateway with one listener, whose steps are noted.
    private final class Source: HandoverSource {
        let steps = Mailbox<String>()
        let ledgerTakesRows: Bool
        let predecessorEnds = DispatchSemaphore(value: 0)
        let waitsForPredecessor: Bool
        private let socket: BoundSocket
        private let shipment = Mutex<(@Sendable ([UsageRecord]) -> Void)?>(nil)

        init(ledgerTakesRows: Bool = true, waitsForPredecessor: Bool = false) throws {
            self.ledgerTakesRows = ledgerTakesRows
            self.waitsForPredecessor = waitsForPredecessor
            socket = try BoundSocket(Listener(SocketAddress("127.0.0.1", port: 0)!))
        }

        var address: SocketAddress { socket.address }

        func waitForPredecessor() { if waitsForPredecessor { predecessorEnds.wait() } }
        var handedOverSockets: [(address: String, socket: BoundSocket)] { [("127.0.0.1:0", socket)] }

        func holdRows() -> Bool {
            steps.put("hold")
            return ledgerTakesRows
        }

        func resumeRows(shipping shipment: (@Sendable ([UsageRecord]) -> Void)?) {
            self.shipment.withLock { $0 = shipment }
            steps.put(shipment == nil ? "resume" : "ship")
        }

        func stopShipping() { steps.put("stop") }
        func handedOver(to successor: Int32) { steps.put("over to \(successor)") }
        func ship(_ records: [UsageRecord]) { shipment.withLock { $0 }?(records) }
    }

    private func record(_ number: UInt64) -> UsageRecord {
        var record = UsageRecord(
            id: RequestID(high: 1, low: number), keyID: "k", team: "red", endpoint: "chat/completions",
            startedAt: Timestamp(seconds: 1_790_000_000))
        record.units.inputTokens = 5
        record.units.outputTokens = Int64(number)
        record.cost = NanoEuros(11)
        record.countsAsRequest = true
        return record
    }

    /// A successor that speaks for itself, step by step.
    private func connect() throws -> LocalSocket {
        let socket = try LocalListener.connect(HandoverServer.socketName, in: folder.path, timeout: .seconds(30))
        return try #require(socket)
    }

    private func receive(_ socket: LocalSocket) throws -> HandoverMessage? { try socket.receiveMessage()?.message }

    @Test func theStepsOfAHandover() throws {
        let source = try Source()
        let server = try HandoverServer(source, in: folder.path, log: log.logger)
        defer { server.cancel() }
        let predecessor = try #require(try Predecessor(of: folder.path, log: log.logger))
        #expect(source.steps.takeSoon() == "hold")
        let address = try predecessor.sockets.take(ListenAddress(host: "127.0.0.1", port: 0))?.address
        #expect(address == source.address)
    }

    @Test func rowsAreShippedOnceTheLedgerIsRead() throws {
        let source = try Source()
        let server = try HandoverServer(source, in: folder.path, log: log.logger)
        defer { server.cancel() }
        let socket = try connect()
        try socket.send(.hello(version: 1, process: 77, program: "next"))
        let sockets = try #require(try socket.receiveMessage())
        #expect(sockets.message == .sockets(addresses: ["127.0.0.1:0"]))
        #expect(sockets.descriptors.count == 1)
        for number in sockets.descriptors { close(number) }
        source.ship([record(1)])
        try socket.send(.restored)
        #expect([source.steps.takeSoon(), source.steps.takeSoon()] == ["hold", "ship"])
        let records = (2...2502).map { record(UInt64($0)) }
        // The socket holds less than that: both sides have to go on.
        DispatchQueue.global().async { source.ship(records) }
        var rows: [HandedOverUsage] = []
        while rows.count < records.count, case .usage(let more)? = try receive(socket) { rows += more }
        let areSame = rows == records.map { HandedOverUsage($0) }
        #expect(areSame)
        #expect(rows.first?.request.amounts == LimitAmounts(records[0]))
        try socket.send(.serving)
        #expect(source.steps.takeSoon() == "over to 77")
        source.ship([record(9)])
        #expect(try receive(socket) == .usage([HandedOverUsage(record(9))]))
        // One successor is enough.
        let isClosed = try LocalListener.connect(HandoverServer.socketName, in: folder.path, timeout: .seconds(1)).map {
            try? $0.send(.hello(version: 1, process: 78, program: "late"))
            return (try? receive($0)) == nil
        }
        #expect(isClosed != false)
    }

    @Test(arguments: [0, 1, 2]) func aSuccessorThatEndsEarlyChangesNothing(steps: Int) async throws {
        let source = try Source()
        let server = try HandoverServer(source, in: folder.path, log: log.logger)
        defer { server.cancel() }
        do {
            let socket = try connect()
            if steps > 0 {
                try socket.send(.hello(version: 1, process: 77, program: "next"))
                for number in try #require(try socket.receiveMessage()).descriptors { close(number) }
            }
            if steps > 1 { try socket.send(.restored) }
        }
        let expected = [[], ["hold", "resume", "stop"], ["hold", "ship", "stop"]][steps]
        for step in expected { #expect(source.steps.takeSoon() == step) }
        // The next one gets its turn.
        let next = try connect()
        try next.send(.hello(version: 1, process: 78, program: "next"))
        #expect(try receive(next) == .sockets(addresses: ["127.0.0.1:0"]))
    }

    @Test func aLedgerInTroubleIsNotHandedOver() throws {
        let source = try Source(ledgerTakesRows: false)
        let server = try HandoverServer(source, in: folder.path, log: log.logger)
        defer { server.cancel() }
        #expect {
            _ = try Predecessor(of: folder.path, log: log.logger)
        } throws: { error in
            "\(error)".contains("its ledger takes no rows now")
        }
    }

    @Test func anotherVersionIsRefused() throws {
        let server = try HandoverServer(Source(), in: folder.path, log: log.logger)
        defer { server.cancel() }
        let socket = try connect()
        try socket.send(.hello(version: 2, process: 77, program: "next"))
        guard case .refused? = try receive(socket) else {
            Issue.record("the version was accepted")
            return
        }
    }

    @Test(arguments: ["", "x", "{}", "{\"hello\":1}", "[]", "null"]) func nonsenseEndsTheConversation(text: String)
        throws
    {
        let server = try HandoverServer(Source(), in: folder.path, log: log.logger)
        defer { server.cancel() }
        let socket = try connect()
        try socket.send(Array(text.utf8))
        #expect(try receive(socket) == nil)
        let next = try connect()
        try next.send(.hello(version: 1, process: 78, program: "next"))
        #expect(try receive(next) == .sockets(addresses: ["127.0.0.1:0"]))
    }

    /// A gateway's rows go to one successor: the next one waits until they are all written.
    @Test func aSuccessorWaitsForThePredecessorOfItsPredecessor() throws {
        let source = try Source(waitsForPredecessor: true)
        let server = try HandoverServer(source, in: folder.path, log: log.logger)
        defer { server.cancel() }
        let socket = try connect()
        try socket.send(.hello(version: 1, process: 77, program: "next"))
        socket.waitAtMost(.milliseconds(50))
        #expect(throws: SystemError.self) { try receive(socket) }
        source.predecessorEnds.signal()
        socket.waitAtMost(.seconds(30))
        #expect(try receive(socket) == .sockets(addresses: ["127.0.0.1:0"]))
    }

    @Test func withoutAGatewayThereIsNoPredecessor() throws {
        #expect(try Predecessor(of: folder.path, log: log.logger) == nil)
        #expect(try Predecessor(of: folder.path + "/none", log: log.logger) == nil)
        // The socket of a gateway that was killed.
        do {
            let listener = try LocalListener(HandoverServer.socketName, in: folder.path)
            withExtendedLifetime(listener.number) {}
        }
        #expect(try Predecessor(of: folder.path, log: log.logger) == nil)
    }

    @Test func theSocketIsForItsOwnerAloneWhateverItsFolder() throws {
        let long = folder.path + "/" + String(repeating: "d", count: 200)
        try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: false)
        let listener = try LocalListener("a.sock", in: long)
        var status = stat()
        #expect(stat(long + "/a.sock", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let socket = try LocalListener.connect("a.sock", in: long, timeout: .seconds(1))
        #expect(socket?.peerUser == geteuid())
        withExtendedLifetime(listener.number) {}
    }
}
