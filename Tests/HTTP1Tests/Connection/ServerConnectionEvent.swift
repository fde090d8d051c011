@testable import HTTP1

/// Every event of a server's connection, for tables and random sequences.
enum ServerConnectionEvent: String, CaseIterable, Sendable {
    case headBytes, head, wantBody, wantBodyWithInput, bodyEnd, fail
    case startSized, startUnknown, write, writeTooMuch, finish, abort, switchProtocols, end
    case retire, drain, abortConnection
}

extension ServerConnectionState {
    /// Performs `event`, with `head` as the request's, and returns the action as text.
    mutating func perform(_ event: ServerConnectionEvent, head: RequestHead) -> String {
        do throws(ConnectionStateError) {
            switch event {
            case .headBytes: return try headBytesReceived() ? "startTimeout" : "read"
            case .head: try headReceived(head)
            case .wantBody: return "\(bodyWanted(hasUnreadInput: false))"
            case .wantBodyWithInput: return "\(bodyWanted(hasUnreadInput: true))"
            case .bodyEnd: try bodyReceived()
            case .fail: requestFailed()
            case .startSized: return startResponse(status: 200, length: .exact(2)) == nil ? "refused" : "start"
            case .startUnknown: return startResponse(status: 200, length: .unknown) == nil ? "refused" : "start"
            case .write: return "\(bodyWritten(1))"
            case .writeTooMuch: return "\(bodyWritten(3))"
            case .finish: return responseFinished() ? "lastChunk" : "-"
            case .abort: abortResponse()
            case .switchProtocols: return protocolsSwitched() ? "switch" : "refused"
            case .end: return "\(exchangeEnded())"
            case .retire: retire()
            case .drain: return drain() ? "interrupt" : "-"
            case .abortConnection: abortConnection()
            }
            return "-"
        } catch { return "error" }
    }

    /// Performs all of `events`.
    mutating func perform(_ events: [ServerConnectionEvent], head: RequestHead) {
        for event in events { _ = perform(event, head: head) }
    }
}

extension ServerConnectionState.Response {
    /// The state's name in tables.
    var name: String {
        switch self {
        case .sized(let remaining): "sized \(remaining)"
        case .aborted(looksComplete: true): "abortedWhole"
        case .aborted(looksComplete: false): "aborted"
        default: "\(self)"
        }
    }
}
