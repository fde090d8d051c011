import HTTP1
import Transport

/// One side of a WebSocket: its connection, and the direction of what it sends.
final class WebSocketPeer {
    let stream: ByteStream
    var direction: WebSocketDirection
    /// The number of bytes of this side that were passed on.
    var passed = 0
    /// True where nothing more can be read from this side.
    var hasEnded = false
    /// True where nothing more can be sent to this side.
    private var takesNoMore = false

    init(_ stream: ByteStream, _ sender: WebSocketFrameScanner.Sender, compresses: Bool) {
        self.stream = stream
        direction = WebSocketDirection(from: sender, compresses: compresses)
    }

    /// True where this side has said its last, nothing of it is still to pass, and it has been sent everything.
    var isDone: Bool {
        direction.isSenderDone && direction.isClosed && (takesNoMore || stream.unsentCount == 0)
    }

    /// Returns true where bytes of this side can be read and either passed on to `other` or discarded.
    func mayRead(sendingTo other: WebSocketPeer) -> Bool {
        wantsToRead(sendingTo: other) && !stream.exceededQuantum && stream.mayRead
    }

    /// The readiness to wait for.
    func interest(sendingTo other: WebSocketPeer) -> Readiness {
        var interest: Readiness = []
        if wantsToRead(sendingTo: other) { interest.formUnion(stream.readInterest) }
        if !takesNoMore, stream.unsentCount > 0 { interest.insert(.writable) }
        return interest
    }

    private func wantsToRead(sendingTo other: WebSocketPeer) -> Bool {
        !hasEnded && !direction.isSenderDone
            && (direction.isClosed || other.takesNoMore || other.stream.unsentCount == 0)
    }

    /// Reads once. Returns the number of bytes, 0 at the end of the connection, nil where there are none now.
    func read() -> Int? {
        do throws(StreamError) {
            switch try stream.read() {
            case .bytes(let count): return count
            case .end: return 0
            case .timedOut, .other, .interrupted, nil: return nil
            }
        } catch {
            takesNoMore = true
            return 0
        }
    }

    /// Sends `bytes`. A connection that has ended takes none: its end is seen by reading.
    func send(_ bytes: Span<UInt8>) {
        guard !takesNoMore, !bytes.isEmpty else { return }
        do throws(StreamError) {
            try bytes.withUnsafeBytes { bytes throws(StreamError) in try stream.send(bytes) }
        } catch { takesNoMore = true }
    }

    /// Sends as much of the unsent bytes as the system accepts.
    func flush() {
        guard !takesNoMore else { return }
        do throws(StreamError) { try stream.sendWhatIsLeft() } catch { takesNoMore = true }
    }

    /// Ends what this side is sent, with the close frame `close` or without one.
    func perform(_ action: WebSocketDirection.Action, _ close: [UInt8]) {
        switch action {
        case .sendClose: send(close.span)
        case .cut:
            guard !takesNoMore else { return }
            takesNoMore = true
            stream.finishSending()
        }
    }
}
