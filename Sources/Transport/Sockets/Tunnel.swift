import Clocks

/// Forwards bytes in both directions between two connections until both directions have ended.
///
/// One task serves both directions. A side is read only while the other has accepted everything before. So a slow reader slows its
/// writer, memory is bounded, and neither direction waits for the other.
package struct Tunnel {
    /// The number of bytes read from each side.
    package private(set) var sent = (fromLeft: 0, fromRight: 0)
    private let left: ByteStream
    private let right: ByteStream
    private var leftEnded = false
    private var rightEnded = false

    /// A tunnel between `left` and `right`. The caller closes them.
    package init(between left: ByteStream, and right: ByteStream) {
        self.left = left
        self.right = right
    }

    /// Runs until both sides have ended. Throws if one of them breaks, or if both are silent for `timeout`.
    package mutating func run(timeout: Duration) async throws(StreamError) {
        while !(leftEnded && rightEnded) || left.unsentCount > 0 || right.unsentCount > 0 {
            if left.exceededQuantum, await left.yield(or: right.socket) == .interrupted { return }
            if right.exceededQuantum, await right.yield(or: left.socket) == .interrupted { return }
            try Self.forward(from: left, to: right, count: &sent.fromLeft, ended: &leftEnded)
            try Self.forward(from: right, to: left, count: &sent.fromRight, ended: &rightEnded)
            let leftInterest = left.tunnelInterest(mayRead: !leftEnded && right.unsentCount == 0)
            let rightInterest = right.tunnelInterest(mayRead: !rightEnded && left.unsentCount == 0)
            if leftInterest.isEmpty, rightInterest.isEmpty { continue }
            switch await left.socket.wait(
                for: leftInterest, or: right.socket, for: rightInterest, until: left.socket.loop.now + timeout)
            {
            case .ready: continue
            case .timedOut: throw .timedOut
            case .interrupted: return
            }
        }
    }

    private static func forward(
        from source: ByteStream, to target: ByteStream, count: inout Int, ended: inout Bool
    ) throws(StreamError) {
        try target.sendWhatIsLeft()
        while !ended, target.unsentCount == 0, !source.exceededQuantum, source.socket.isReady(for: .readable),
            let received = try source.read()
        {
            switch received {
            case .bytes(let number):
                count += number
                try target.send(UnsafeRawBufferPointer(rebasing: source.received[..<number]))
            case .end:
                ended = true
                target.finishSending()
            case .timedOut, .other, .interrupted: return
            }
        }
    }
}

extension ByteStream {
    fileprivate func tunnelInterest(mayRead: Bool) -> Readiness {
        var interest: Readiness = []
        if mayRead { interest.insert(.readable) }
        if unsentCount > 0 { interest.insert(.writable) }
        return interest
    }
}
