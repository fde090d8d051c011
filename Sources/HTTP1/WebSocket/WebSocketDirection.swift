/// One direction of a WebSocket through the gateway: says which of the sender's bytes pass, and how the direction ends.
///
/// ```
/// open ─▶ finishing ─▶ closeDue ─▶ closed      this side closes: at the end of the frame in progress
///   │         └──────▶ cutDue ───▶ closed      the frame in progress never ends
///   └───────────────────────────▶ closed      the sender's own close frame has passed
/// ```
package struct WebSocketDirection: Sendable {
    private enum State {
        case open
        /// The rest of the frame in progress passes, and nothing after it.
        case finishing
        case closeDue
        case cutDue
        /// Nothing passes any more.
        case closed
    }

    /// An act towards the receiver.
    package enum Action: Sendable, Equatable {
        /// Send it a close frame.
        case sendClose
        /// End its connection without one: it is in the middle of a frame.
        case cut
    }

    private var scanner: WebSocketFrameScanner
    private var state = State.open
    /// True once the sender has nothing more to say: its close frame has come, its connection has ended, or it has broken the
    /// protocol.
    package private(set) var isSenderDone = false

    package init(from sender: WebSocketFrameScanner.Sender, compresses: Bool) {
        scanner = WebSocketFrameScanner(of: sender, compresses: compresses)
    }

    /// True where nothing passes any more, and no action is due.
    package var isClosed: Bool { if case .closed = state { true } else { false } }

    /// The sender has sent `bytes`.
    ///
    /// - Returns: how many of the first bytes go to the receiver. The others are discarded. With a fault, frames up to the faulty
    ///   one pass; call `beginClosing` then.
    package mutating func received(_ bytes: Span<UInt8>) -> (passing: Int, fault: WebSocketFault?) {
        var position = 0
        var passing = 0
        while position < bytes.count, !isSenderDone {
            let start = position
            let isFrameStart = scanner.isAtBoundary
            do throws(WebSocketFault) {
                let frame = try scanner.readFrame(bytes, &position)
                if passes { passing = position }
                if let frame { frameEnded(frame) }
            } catch {
                isSenderDone = true
                // A fault shows in the header. Where a part of the header has passed, the receiver waits for the rest.
                if passes { state = isFrameStart ? .closeDue : .cutDue }
                return (passes ? start : passing, error)
            }
        }
        return (passing, nil)
    }

    private var passes: Bool {
        switch state {
        case .open, .finishing: true
        case .closeDue, .cutDue, .closed: false
        }
    }

    private mutating func frameEnded(_ frame: WebSocketOpcode) {
        if frame == .close { isSenderDone = true }
        switch state {
        case .open: if frame == .close { state = .closed }
        case .finishing: state = frame == .close ? .closed : .closeDue
        case .closeDue, .cutDue, .closed: break
        }
    }

    /// The sender's connection has ended.
    package mutating func senderEnded() {
        isSenderDone = true
        if case .finishing = state { state = .cutDue }
    }

    /// The gateway closes the WebSocket: nothing passes after the frame in progress.
    package mutating func beginClosing() {
        guard case .open = state else { return }
        state = scanner.isAtBoundary ? .closeDue : isSenderDone ? .cutDue : .finishing
    }

    /// The time for the frame in progress has passed.
    package mutating func expire() { if case .finishing = state { state = .cutDue } }

    /// Returns the act that is due, once.
    package mutating func nextAction() -> Action? {
        switch state {
        case .closeDue:
            state = .closed
            return .sendClose
        case .cutDue:
            state = .closed
            return .cut
        case .open, .finishing, .closed: return nil
        }
    }
}
