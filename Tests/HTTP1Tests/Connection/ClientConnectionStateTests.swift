import SeededRandom
import Testing

@testable import HTTP1

/// Every event of a client's connection, for tables and random sequences.
enum ClientConnectionEvent: String, CaseIterable, Sendable {
    case start, startUpgrading, sent, cut, bytes
    case headSized, headEmpty, headClosing, headSwitching
    case bodyEnd, close, endQuiet, endNoisy, handOver
}

extension ClientConnectionState {
    /// Performs `event` and returns the action as text.
    mutating func perform(_ event: ClientConnectionEvent) throws -> String {
        do throws(ConnectionStateError) {
            switch event {
            case .start: try requestStarted(asksForUpgrade: false)
            case .startUpgrading: try requestStarted(asksForUpgrade: true)
            case .sent: try requestSent()
            case .cut: try requestCutShort()
            case .bytes: try responseBytesReceived()
            case .headSized: try headReceived(ClientConnectionHeads.sized)
            case .headEmpty: try headReceived(ClientConnectionHeads.empty)
            case .headClosing: try headReceived(ClientConnectionHeads.closing)
            case .headSwitching: try headReceived(ClientConnectionHeads.switching)
            case .bodyEnd: try bodyReceived()
            case .close: try bodyEndedByClose()
            case .endQuiet: return exchangeEnded(isQuiet: true) ? "keep" : "drop"
            case .endNoisy: return exchangeEnded(isQuiet: false) ? "keep" : "drop"
            case .handOver: try handedOver()
            }
            return "-"
        } catch { return "error" }
    }
}

enum ClientConnectionHeads {
    static let sized = head("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
    static let empty = head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    static let closing = head("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\n")
    static let switching = head("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n")

    private static func head(_ text: String) -> ResponseHead {
        do { return try responseHead(text) } catch { preconditionFailure("\(error)") }
    }
}

@Suite struct ClientConnectionStateTests {
    // MARK: Every event in every state

    private static let requests = StateTable(
        """
                 | none        | sending      | sent         | cutShort     | closed
        start    | - > sending | error        | error        | error        | error
        startUpgrading | - > sending | error  | error        | error        | error
        sent     | error       | - > sent     | -            | -            | error
        cut      | error       | - > cutShort | - > cutShort | -            | error
        bytes    | error       | -            | -            | -            | error
        handOver | error       | error        | error        | error        | error
        """)

    private static let requestPaths: [String: [ClientConnectionEvent]] = [
        "none": [], "sending": [.start], "sent": [.start, .sent], "cutShort": [.start, .cut],
        "closed": [.start, .endQuiet],
    ]

    @Test func everyEventOfARequestInEveryState() throws {
        for cell in Self.requests.cells {
            let event = try #require(ClientConnectionEvent(rawValue: cell.event))
            var state = ClientConnectionState()
            for step in try #require(Self.requestPaths[cell.state]) { _ = try state.perform(step) }
            let before = "\(state.request)"
            let action = try state.perform(event)
            let after = "\(state.request)"
            #expect(before == cell.state)
            #expect(action == cell.action, "\(cell)")
            #expect(after == cell.next, "\(cell)")
        }
    }

    private static let responses = StateTable(
        """
                      | none        | awaited     | head         | body         | complete    | switched
        start         | - > awaited | error       | error        | error        | error       | error
        startUpgrading| - > awaited | error       | error        | error        | error       | error
        bytes         | error       | - > head    | -            | -            | error       | error
        headSized     | error       | error       | - > body     | error        | error       | error
        headEmpty     | error       | error       | - > complete | error        | error       | error
        headClosing   | error       | error       | - > body     | error        | error       | error
        headSwitching | error       | error       | - > switched | error        | error       | error
        bodyEnd       | error       | error       | error        | - > complete | error       | error
        close         | error       | error       | error        | - > complete | error       | error
        endQuiet      | drop        | drop > none | drop > none  | drop > none  | keep > none | drop > none
        endNoisy      | drop        | drop > none | drop > none  | drop > none  | drop > none | drop > none
        handOver      | error       | error       | error        | error        | error       | - > none
        """)

    private static let responsePaths: [String: [ClientConnectionEvent]] = [
        "none": [], "awaited": [.start, .sent], "head": [.startUpgrading, .sent, .bytes],
        "body": [.start, .sent, .bytes, .headSized],
        "complete": [.start, .sent, .bytes, .headSized, .bodyEnd],
        "switched": [.startUpgrading, .sent, .bytes, .headSwitching],
    ]

    @Test func everyEventOfAResponseInEveryState() throws {
        for cell in Self.responses.cells {
            let event = try #require(ClientConnectionEvent(rawValue: cell.event))
            var state = ClientConnectionState()
            for step in try #require(Self.responsePaths[cell.state]) { _ = try state.perform(step) }
            let before = "\(state.response)"
            let action = try state.perform(event)
            let after = "\(state.response)"
            #expect(before == cell.state)
            #expect(action == cell.action, "\(cell)")
            #expect(after == cell.next, "\(cell)")
        }
    }

    @Test func theTablesNameEveryEvent() {
        let named = Set(Self.requests.events + Self.responses.events)
        #expect(named == Set(ClientConnectionEvent.allCases.map(\.rawValue)))
    }

    // MARK: Another protocol

    /// Rows: events before the 101, and whether it is believed.
    @Test(arguments: [
        ([ClientConnectionEvent.startUpgrading, .sent, .bytes], true), ([.start, .sent, .bytes], false),
        ([.startUpgrading, .bytes], false), ([.startUpgrading, .cut, .bytes], false),
        // What an earlier exchange asked for does not count.
        ([.startUpgrading, .sent, .bytes, .headEmpty, .endQuiet, .start, .sent, .bytes], false),
        ([.start, .sent, .bytes, .headEmpty, .endQuiet, .startUpgrading, .sent, .bytes], true),
    ]) func a101IsBelievedWhereAWholeRequestAskedForIt(events: [ClientConnectionEvent], isBelieved: Bool) throws {
        var state = ClientConnectionState()
        for event in events { _ = try state.perform(event) }
        var refusal: ConnectionStateError?
        do throws(ConnectionStateError) { try state.headReceived(ClientConnectionHeads.switching) } catch {
            refusal = error
        }
        #expect(refusal == (isBelieved ? nil : .uninvitedSwitch))
        let response = state.response
        #expect((response == .switched) == isBelieved)
        let action = try state.perform(.handOver)
        #expect(action == (isBelieved ? "-" : "error"))
        let isKept = state.exchangeEnded(isQuiet: true)
        #expect(!isKept)
    }

    // MARK: Reuse

    @Test(arguments: [
        ([ClientConnectionEvent.start, .sent, .bytes, .headSized, .bodyEnd], true),
        ([.start, .sent, .bytes, .headEmpty], true),
        ([.start, .sent, .bytes, .bytes, .headSized, .bytes, .bodyEnd], true),
        // An interim response came while the request was sent.
        ([.start, .bytes, .sent, .headSized, .bodyEnd], true),
        // The response came before the request was sent, so the server may still wait for the rest.
        ([.start, .bytes, .headSized, .sent, .bodyEnd], false),
        ([.start, .bytes, .headSized, .bodyEnd], false),
        ([.start, .cut, .bytes, .headSized, .bodyEnd], false),
        ([.start, .sent, .bytes, .headClosing, .bodyEnd], false),
        ([.start, .sent, .bytes, .headSized, .close], false),
        ([.start, .sent, .bytes, .headSized], false),
        ([.startUpgrading, .sent, .bytes, .headSwitching], false),
        ([.start, .sent, .bytes, .headSwitching], false),
        ([.startUpgrading, .sent, .bytes, .headSized, .bodyEnd], true),
        ([.start, .sent, .bytes], false),
        ([.start, .sent], false),
    ]) func aConnectionIsKeptAfterAWholeExchange(events: [ClientConnectionEvent], isKept: Bool) throws {
        var state = ClientConnectionState()
        for event in events { _ = try state.perform(event) }
        let keeps = state.exchangeEnded(isQuiet: true)
        #expect(keeps == isKept)
        let wasUsed = state.wasUsed
        #expect(wasUsed == isKept)
    }

    @Test func aResponseThatClosesDoesNotHinderTheExchangeOfAnotherConnection() throws {
        var state = ClientConnectionState()
        for _ in 0..<3 {
            for event in [ClientConnectionEvent.start, .sent, .bytes, .headSized, .bodyEnd] {
                let action = try state.perform(event)
                #expect(action == "-")
            }
            let keeps = state.exchangeEnded(isQuiet: true)
            #expect(keeps)
        }
    }

    // MARK: Retry

    /// Rows: events of the exchange that failed, idempotent, reached the server, retry.
    @Test(arguments: [
        ([ClientConnectionEvent.start, .sent], true, true, true),
        ([.start, .sent], true, false, true),
        ([.start, .sent], false, false, true),
        ([.start, .sent], false, true, false),
        ([.start], true, true, true),
        ([.start, .cut], true, true, true),
        ([.start, .cut], false, true, false),
        ([.start, .sent, .bytes], true, false, false),
        ([.start, .sent, .bytes, .headSized], true, false, false),
    ]) func aRetryIsForUsedConnectionsWithoutAResponse(
        events: [ClientConnectionEvent], isIdempotent: Bool, wasReceived: Bool, retries: Bool
    ) throws {
        var fresh = ClientConnectionState()
        for event in events { _ = try fresh.perform(event) }
        let freshRetries = fresh.mayRetry(isIdempotent: isIdempotent, wasReceived: wasReceived)
        #expect(!freshRetries, "the server cannot have closed a new connection for being idle")

        var used = ClientConnectionState()
        for event in [.start, .sent, .bytes, .headEmpty, .endQuiet] + events { _ = try used.perform(event) }
        let usedRetries = used.mayRetry(isIdempotent: isIdempotent, wasReceived: wasReceived)
        #expect(usedRetries == retries)
    }

    @Test func acknowledgementsAreAskedForOnlyWhereTheyDecide() throws {
        var state = ClientConnectionState()
        for event in [ClientConnectionEvent.start, .sent, .bytes, .headEmpty, .endQuiet, .start, .sent] {
            _ = try state.perform(event)
        }
        var asked = 0
        func wasReceived() -> Bool {
            asked += 1
            return true
        }
        let idempotent = state.mayRetry(isIdempotent: true, wasReceived: wasReceived())
        #expect(idempotent)
        #expect(asked == 0)
        let other = state.mayRetry(isIdempotent: false, wasReceived: wasReceived())
        #expect(!other)
        #expect(asked == 1)
    }

    // MARK: Against a model

    /// The model: a connection may be kept where its history is exactly one exchange, in order, of which interim bytes may
    /// come before the request is sent. Repeated events change nothing.
    private func mayBeKept(after events: [ClientConnectionEvent]) -> Bool {
        var seen: Set<ClientConnectionEvent> = []
        let history = events.filter { seen.insert($0).inserted }
        let order: [ClientConnectionEvent: Int] = [
            .start: 0, .startUpgrading: 0, .sent: 1, .bytes: 1, .headSized: 2, .headEmpty: 2, .bodyEnd: 3,
        ]
        let steps = history.compactMap { order[$0] }
        guard steps.count == history.count, steps == steps.sorted() else { return false }
        let needed: Set<Int> = history.contains(.headEmpty) ? [0, 1, 2] : [0, 1, 2, 3]
        return Set(steps) == needed && history.contains(.sent) && history.contains(.bytes)
    }

    @Test(arguments: 0..<40) func randomEventsKeepWhatTheModelKeeps(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        // Mostly in order, so that whole exchanges occur.
        let usual: [ClientConnectionEvent] = [.start, .sent, .bytes, .headSized, .bodyEnd, .endQuiet]
        var kept = 0
        for _ in 0..<200 {
            var state = ClientConnectionState()
            var accepted: [ClientConnectionEvent] = []
            var next = 0
            for _ in 0..<12 {
                let event = random.once(in: 6) ? random.pick(ClientConnectionEvent.allCases) : usual[next % usual.count]
                if event == usual[next % usual.count] { next += 1 }
                let action = try state.perform(event)
                switch event {
                case .endQuiet, .endNoisy:
                    #expect((action == "keep") == (event == .endQuiet && mayBeKept(after: accepted)), "\(accepted)")
                    if action == "keep" {
                        kept += 1
                        accepted = []
                    } else {
                        accepted.append(event)
                    }
                default: if action != "error" { accepted.append(event) }
                }
            }
        }
        #expect(kept > 0)
    }
}
