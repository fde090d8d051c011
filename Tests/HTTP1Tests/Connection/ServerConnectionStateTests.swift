import Testing

@testable import HTTP1

@Suite struct ServerConnectionStateTests {
    private static let get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    private static let head = "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n"
    private static let old = "GET / HTTP/1.0\r\n\r\n"
    private static let oldKept = "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
    private static let closing = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    private static let post = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n"
    private static let expecting = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n"

    // MARK: Every event in every state

    /// The request, for the head events of `get`.
    private static let requests = StateTable(
        """
                          | idle                | head         | continueExpected    | body         | complete   | failed | closed
        headBytes         | startTimeout > head | read         | error               | error        | error      | error  | error
        head              | - > complete        | - > complete | error               | error        | error      | error  | error
        wantBody          | failed              | failed       | sendContinue > body | read         | complete   | failed | failed
        wantBodyWithInput | failed              | failed       | read > body         | read         | complete   | failed | failed
        bodyEnd           | error               | error        | - > complete        | - > complete | error      | error  | error
        fail              | - > failed          | - > failed   | - > failed          | - > failed   | - > failed | -      | -
        retire            | -                   | -            | -                   | -            | -          | -      | -
        drain             | interrupt           | -            | -                   | -            | -          | -      | -
        abortConnection   | -                   | -            | -                   | -            | -          | -      | -
        """)

    private static let requestPaths: [String: (head: String, events: [ServerConnectionEvent])] = [
        "idle": (get, []), "head": (get, [.headBytes]), "continueExpected": (expecting, [.head]),
        "body": (post, [.head]),
        "complete": (get, [.head]), "failed": (get, [.fail]), "closed": (get, [.head, .end]),
    ]

    @Test func everyEventOfARequestInEveryState() throws {
        for cell in Self.requests.cells {
            let path = try #require(Self.requestPaths[cell.state])
            let event = try #require(ServerConnectionEvent(rawValue: cell.event))
            var state = ServerConnectionState()
            state.perform(path.events, head: try requestHead(path.head))
            let (before, responseBefore) = ("\(state.request)", state.response)
            let action = state.perform(event, head: try requestHead(Self.get))
            let (after, responseAfter) = ("\(state.request)", state.response)
            #expect(before == cell.state)
            #expect(action == cell.action, "\(cell)")
            #expect(after == cell.next, "\(cell)")
            let makesAResponseDue = (event == .head || event == .fail) && responseBefore == .none && after != before
            #expect(responseAfter == (makesAResponseDue ? .due : responseBefore), "\(cell)")
        }
    }

    private static let responses = StateTable(
        """
                        | none    | due              | sized 2           | chunked              | untilClose             | bodiless          | complete               | aborted       | abortedWhole | switched
        startSized      | refused | start > sized 2  | refused > aborted | refused > aborted    | refused > abortedWhole | refused > aborted | refused > aborted      | refused       | refused      | refused
        startUnknown    | refused | start > chunked  | refused > aborted | refused > aborted    | refused > abortedWhole | refused > aborted | refused > aborted      | refused       | refused      | refused
        write           | discard | discard > aborted| plain > sized 1   | chunk                | plain                  | discard           | discard > aborted      | discard       | discard      | discard
        writeTooMuch    | discard | discard > aborted| discard > aborted | chunk                | plain                  | discard           | discard > aborted      | discard       | discard      | discard
        finish          | -       | - > aborted      | - > aborted       | lastChunk > complete | - > complete           | - > complete      | -                      | -             | -            | -
        abort           | -       | - > aborted      | - > aborted       | - > aborted          | - > abortedWhole       | - > aborted       | - > aborted            | -             | -            | -
        switchProtocols | refused | switch > switched| refused > aborted | refused > aborted    | refused > abortedWhole | refused > aborted | refused > aborted      | refused       | refused      | refused
        end             | close   | close > none     | linger > none     | linger > none        | reset > none           | linger > none     | readNextRequest > none | linger > none | reset > none | linger > none
        """)

    private static let responsePaths: [String: (head: String, events: [ServerConnectionEvent])] = [
        "none": (get, []), "due": (get, [.head]), "sized 2": (get, [.head, .startSized]),
        "chunked": (get, [.head, .startUnknown]), "untilClose": (old, [.head, .startUnknown]),
        "bodiless": (head, [.head, .startSized]), "complete": (get, [.head, .startUnknown, .finish]),
        "aborted": (get, [.head, .abort]), "abortedWhole": (old, [.head, .startUnknown, .abort]),
        "switched": (get, [.head, .switchProtocols]),
    ]

    @Test func everyEventOfAResponseInEveryState() throws {
        for cell in Self.responses.cells {
            let path = try #require(Self.responsePaths[cell.state])
            let event = try #require(ServerConnectionEvent(rawValue: cell.event))
            let head = try requestHead(path.head)
            var state = ServerConnectionState()
            state.perform(path.events, head: head)
            let (before, requestBefore) = (state.response.name, state.request)
            let action = state.perform(event, head: head)
            let (after, requestAfter) = (state.response.name, state.request)
            #expect(before == cell.state)
            #expect(action == cell.action, "\(cell)")
            #expect(after == cell.next, "\(cell)")
            let next: ServerConnectionState.Request = action == "readNextRequest" ? .idle : .closed
            #expect(requestAfter == (event == .end ? next : requestBefore), "\(cell)")
        }
    }

    @Test func theTablesNameEveryEvent() {
        let named = Set(Self.requests.events + Self.responses.events)
        #expect(named == Set(ServerConnectionEvent.allCases.map(\.rawValue)))
    }

    // MARK: Keep-alive

    /// A connection's persistence, after a response that was written to its end.
    struct Persistence: Sendable {
        let request: String
        let before: [ServerConnectionEvent]
        let after: [ServerConnectionEvent]
        let announced: ResponseStart.Persistence
        let end: ServerConnectionState.AfterExchange

        init(
            _ request: String, _ before: [ServerConnectionEvent] = [], _ after: [ServerConnectionEvent] = [],
            announces announced: ResponseStart.Persistence, _ end: ServerConnectionState.AfterExchange
        ) {
            self.request = request
            self.before = before
            self.after = after
            self.announced = announced
            self.end = end
        }
    }

    static let persistence: [Persistence] = [
        Persistence(get, announces: .byDefault, .readNextRequest),
        Persistence(head, announces: .byDefault, .readNextRequest),
        Persistence(closing, announces: .close, .linger),
        Persistence(old, announces: .close, .linger),
        Persistence(oldKept, announces: .keepAlive, .readNextRequest),
        // A body that is unread when the response begins is read afterwards.
        Persistence(post, announces: .byDefault, .discardBody),
        Persistence(post, [], [.bodyEnd], announces: .byDefault, .readNextRequest),
        Persistence(post, [], [.drain], announces: .byDefault, .linger),
        Persistence(post, [], [.fail], announces: .byDefault, .linger),
        Persistence(post, [.bodyEnd], announces: .byDefault, .readNextRequest),
        Persistence(expecting, announces: .close, .linger),
        Persistence(expecting, [.wantBody, .bodyEnd], announces: .byDefault, .readNextRequest),
        Persistence(post, [.fail], announces: .close, .linger),
        // A response that has promised another exchange keeps its promise; the next one announces the close.
        Persistence(get, [.retire], announces: .close, .linger),
        Persistence(get, [], [.retire], announces: .byDefault, .readNextRequest),
        Persistence(oldKept, [.retire], announces: .close, .linger),
        Persistence(get, [.retire], [.drain], announces: .close, .linger),
        Persistence(get, [], [.retire, .drain], announces: .byDefault, .linger),
        Persistence(get, [], [.drain, .retire], announces: .byDefault, .linger),
        Persistence(get, [.drain], announces: .close, .linger),
        Persistence(get, [], [.drain], announces: .byDefault, .linger),
        Persistence(get, [], [.abortConnection], announces: .byDefault, .linger),
        Persistence(get, [.abortConnection], announces: .close, .linger),
        Persistence(get, [], [.fail], announces: .byDefault, .linger),
    ]

    @Test(arguments: persistence) func theNextRequestIsReadWhereNothingStandsInItsWay(row: Persistence) throws {
        let head = try requestHead(row.request)
        var state = ServerConnectionState()
        state.perform([.head] + row.before, head: head)
        let start = state.startResponse(status: 200, length: .exact(2))
        #expect(start?.persistence == row.announced)
        state.perform([.write, .write] + row.after + [.finish], head: head)
        let end = state.exchangeEnded()
        #expect(end == row.end)
        let mayReadHead = state.mayReadHead
        #expect(mayReadHead == (row.end == .readNextRequest))
    }

    /// The driver asks again after it has discarded the body, or has given up.
    @Test(arguments: [
        (ServerConnectionEvent.bodyEnd, ServerConnectionState.AfterExchange.readNextRequest), (.fail, .linger),
        (.drain, .linger), (.abortConnection, .linger), (.wantBody, .discardBody),
    ]) func theEndOfADiscardedBodyDecides(event: ServerConnectionEvent, end: ServerConnectionState.AfterExchange) throws
    {
        let head = try requestHead(Self.post)
        var state = ServerConnectionState()
        state.perform([.head, .startSized, .write, .write, .finish], head: head)
        let first = state.exchangeEnded()
        #expect(first == .discardBody)
        state.perform([event], head: head)
        let second = state.exchangeEnded()
        #expect(second == end)
        let isOver = state.response == .none
        #expect(isOver == (end != .discardBody))
    }

    @Test func aBodyUntilTheCloseIsTheLastOne() throws {
        var state = ServerConnectionState()
        state.perform([.head], head: try requestHead(Self.oldKept))
        let start = state.startResponse(status: 200, length: .unknown)
        #expect(start == ResponseStart(framing: .untilClose, persistence: .close))
        state.perform([.write, .finish], head: try requestHead(Self.oldKept))
        let end = state.exchangeEnded()
        #expect(end == .linger)
    }

    @Test func exchangesFollowEachOther() throws {
        var state = ServerConnectionState()
        for request in [Self.get, Self.head, Self.oldKept, Self.get] {
            let isIdle = state.request == .idle && state.response == .none
            #expect(isIdle)
            let head = try requestHead(request)
            state.perform([.headBytes, .head, .startSized, .write, .write, .finish], head: head)
            let end = state.exchangeEnded()
            #expect(end == .readNextRequest)
        }
    }

    /// The method and the version of the request before must not frame the response to bytes that are no request.
    @Test(arguments: [head, oldKept]) func aFaultAfterARequestIsAnsweredWithABody(request: String) throws {
        var state = ServerConnectionState()
        let head = try requestHead(request)
        state.perform([.head, .startSized, .write, .write, .finish, .end, .fail], head: head)
        let start = state.startResponse(status: 400, length: .exact(3))
        #expect(start == ResponseStart(framing: .sized(3), persistence: .close))
    }

    // MARK: 100 (Continue)

    @Test func continueIsSentOnceAndOnlyBeforeTheResponse() throws {
        let head = try requestHead(Self.expecting)
        var state = ServerConnectionState()
        state.perform([.head], head: head)
        let actions = [state.bodyWanted(hasUnreadInput: false), state.bodyWanted(hasUnreadInput: false)]
        #expect(actions == [.sendContinue, .read])

        var refusing = ServerConnectionState()
        refusing.perform([.head, .startSized], head: head)
        let late = refusing.bodyWanted(hasUnreadInput: false)
        #expect(late == .read)
    }

    // MARK: Shutdown

    @Test func drainingClosesAnIdleConnectionAndLetsAHeadThatHasBegunFinish() throws {
        var idle = ServerConnectionState()
        let interrupts = idle.drain()
        #expect(interrupts)
        let mayRead = idle.mayReadHead
        #expect(!mayRead)

        var begun = ServerConnectionState()
        begun.perform([.headBytes], head: try requestHead(Self.get))
        let interruptsBegun = begun.drain()
        #expect(!interruptsBegun)
        let mayReadBegun = begun.mayReadHead
        #expect(mayReadBegun)
    }

    @Test func aRetiringConnectionTakesOneMoreRequest() throws {
        var state = ServerConnectionState()
        state.retire()
        let head = try requestHead(Self.get)
        let mayRead = state.mayReadHead
        #expect(mayRead)
        state.perform([.headBytes, .head], head: head)
        let start = state.startResponse(status: 200, length: .exact(2))
        #expect(start?.persistence == .close)
        state.perform([.write, .write, .finish], head: head)
        let end = state.exchangeEnded()
        #expect(end == .linger)
    }

    @Test func abortingEndsAHeadThatHasBegun() throws {
        var state = ServerConnectionState()
        state.perform([.headBytes, .abortConnection], head: try requestHead(Self.get))
        let mayRead = state.mayReadHead
        #expect(!mayRead)
    }

    @Test func drainingInterruptsAnotherProtocol() throws {
        var state = ServerConnectionState()
        try state.headReceived(try requestHead(Self.get))
        let interruptsRequest = state.drain()
        #expect(!interruptsRequest)
        let switches = state.protocolsSwitched()
        #expect(switches)
        let interrupts = state.drain()
        #expect(interrupts)
    }

    @Test func drainingDoesNotTakeAnAbortBack() {
        var state = ServerConnectionState()
        state.abortConnection()
        state.retire()
        _ = state.drain()
        let shutdown = state.shutdown
        #expect(shutdown == .aborted)
    }
}
