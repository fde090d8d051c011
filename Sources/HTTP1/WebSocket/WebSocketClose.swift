import Bytes

/// Content of a close frame (RFC 6455, section 5.5.1).
package struct WebSocketClose: Sendable, Equatable {
    /// Status code. Browsers refuse 1012 and above as broken frames, so only older ones are here (section 7.4.1).
    package enum Code: UInt16, Sendable, CaseIterable {
        case normal = 1000
        /// The server shuts down, or the client has left.
        case goingAway = 1001
        case protocolError = 1002
        case policyViolation = 1008
        case internalError = 1011
    }

    package let code: Code
    /// Text for people, at most 123 bytes.
    package let reason: String

    /// Most bytes of a control frame, without the code.
    private static let reasonLimit = 123

    /// A close frame with the first bytes of `reason`, cut between two characters.
    package init(_ code: Code, _ reason: String = "") {
        self.code = code
        var text = reason
        while text.utf8.count > Self.reasonLimit { text.unicodeScalars.removeLast() }
        self.reason = text
    }

    /// The frame's bytes.
    ///
    /// - Parameter mask: four bytes that nobody can foresee, for a frame to a server; nil for one to a client (section 5.3).
    package func frame(mask: UInt32?) -> [UInt8] {
        let payload = [UInt8(code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)] + reason.utf8
        let first: UInt8 = 0x80 | WebSocketOpcode.close.rawValue
        guard let mask else { return [first, UInt8(payload.count)] + payload }
        let key = (0..<4).map { UInt8(truncatingIfNeeded: mask >> (24 - 8 * $0)) }
        return [first, 0x80 | UInt8(payload.count)] + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }
}
