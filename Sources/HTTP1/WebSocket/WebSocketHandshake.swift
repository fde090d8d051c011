import Bytes

/// A client's valid request for a WebSocket (RFC 6455, section 4.2.1), and the check of the server's agreement to it.
///
/// An object, so that suspended tasks keep one pointer for it.
package final class WebSocketHandshake: Sendable {
    /// Reason for which a request that asks for a WebSocket is not valid.
    package enum Fault: Error, Hashable, Sendable, CaseIterable {
        /// The request has a body.
        case hasBody
        /// `sec-websocket-key` is missing, repeated, or is not the base64 form of 16 bytes.
        case invalidKey
        /// `sec-websocket-version` is not 13. The response names the version (section 4.4).
        case unsupportedVersion
        /// `sec-websocket-protocol` or `sec-websocket-extensions` is not a list of tokens.
        case invalidList
    }

    /// Reason for which a 101 (Switching Protocols) is not the agreement to the request (section 4.1).
    package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
        /// `upgrade` and `connection` do not name this protocol, or the response is not HTTP/1.1.
        case otherProtocol = "other_protocol"
        /// `sec-websocket-accept` is not the one that belongs to the key.
        case wrongAccept = "wrong_accept"
        /// A subprotocol that was not offered.
        case otherSubprotocol = "other_subprotocol"
        /// An extension that was not offered.
        case otherExtension = "other_extension"
    }

    /// `sec-websocket-key`: 24 characters.
    package let key: String
    /// Subprotocols that are offered to the server, in the client's order.
    package let protocols: [String]
    /// Offers of `permessage-deflate` (RFC 7692), with their parameters. Offers of other extensions are dropped, since they may
    /// change the framing.
    package let compressions: [String]

    private static let compression: StaticString = "permessage-deflate"

    /// Returns true where `head` asks for a WebSocket. In HTTP/1.0, and with other methods than GET, `upgrade` means nothing
    /// here (RFC 9110, section 7.8).
    package static func isRequested(by head: RequestHead) -> Bool {
        let fields = head.fields
        return head.version == .http11 && fields.withSpan(head.method) { $0.equals("GET") }
            && fields.hasToken("websocket", in: "upgrade") && fields.hasToken("upgrade", in: "connection")
    }

    /// Reads the handshake of `head`, which asks for a WebSocket.
    ///
    /// - Parameter mayForward: false for a subprotocol that is not for the server, such as one that holds a credential.
    package init(_ head: RequestHead, mayForward: (String) -> Bool) throws(Fault) {
        let fields = head.fields
        guard head.framing == .none || head.framing == .length(0) else { throw .hasBody }
        let versions = fields.values("sec-websocket-version")
        guard versions.count == 1, fields.equals(versions[0], "13") else { throw .unsupportedVersion }
        let keys = fields.values("sec-websocket-key")
        guard keys.count == 1, Self.isKey(fields.bytes.span.extracting(keys[0])) else { throw .invalidKey }
        let offered = fields.members(of: "sec-websocket-protocol")
        guard offered.allSatisfy({ fields.isToken($0) }) else { throw .invalidList }
        let extensions = fields.members(of: "sec-websocket-extensions")
        guard extensions.allSatisfy({ fields.isToken(fields.nameOfMember($0)) }) else { throw .invalidList }
        key = fields.string(keys[0])
        protocols = offered.map(fields.string).filter(mayForward)
        compressions = extensions.filter { fields.equals(fields.nameOfMember($0), Self.compression) }.map(fields.string)
    }

    /// Returns true for the base64 form of 16 bytes: 22 digits and the padding.
    private static func isKey(_ text: Span<UInt8>) -> Bool {
        guard text.count == 24, text[22] == ASCII.equals, text[23] == ASCII.equals else { return false }
        return (0..<22).allSatisfy { index in
            let byte = text[index]
            return ASCII.isDigit(byte) || ASCII.isLetter(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
        }
    }

    /// Writes the fields of the request to the server.
    package func writeFields(to writer: inout HeadWriter) {
        Self.writeUpgrade(to: &writer)
        writer.field("sec-websocket-version", "13")
        writer.field("sec-websocket-key", key)
        if !protocols.isEmpty { writer.field("sec-websocket-protocol", protocols.joined(separator: ", ")) }
        if !compressions.isEmpty { writer.field("sec-websocket-extensions", compressions.joined(separator: ", ")) }
    }

    /// Writes the fields that name the protocol, on both sides.
    package static func writeUpgrade(to writer: inout HeadWriter) {
        writer.field("connection", "upgrade")
        writer.field("upgrade", "websocket")
    }

    /// Checks that `head`, a 101, agrees to this handshake.
    ///
    /// - Parameter accept: the `sec-websocket-accept` that belongs to `key`.
    /// - Returns: true where `permessage-deflate` was agreed on.
    package func check(_ head: ResponseHead, accept: String) throws(Refusal) -> Bool {
        let fields = head.fields
        let upgrades = fields.members(of: "upgrade")
        guard head.version == .http11, upgrades.count == 1, fields.equals(upgrades[0], "websocket"),
            fields.hasToken("upgrade", in: "connection")
        else { throw .otherProtocol }
        let accepts = fields.values("sec-websocket-accept")
        guard accepts.count == 1, fields.string(accepts[0]) == accept else { throw .wrongAccept }
        let chosen = fields.members(of: "sec-websocket-protocol")
        guard chosen.isEmpty || chosen.count == 1 && protocols.contains(fields.string(chosen[0])) else {
            throw .otherSubprotocol
        }
        let extensions = fields.members(of: "sec-websocket-extensions")
        guard !extensions.isEmpty else { return false }
        guard extensions.count == 1, !compressions.isEmpty,
            fields.equals(fields.nameOfMember(extensions[0]), Self.compression)
        else { throw .otherExtension }
        return true
    }
}

extension HeaderFields {
    /// Members of the comma-separated lists of the fields called `name`, without empty ones (RFC 9110, section 5.6.1).
    fileprivate func members(of name: StaticString) -> [Range<Int>] {
        let span = bytes.span
        var members: [Range<Int>] = []
        for value in values(name) {
            var position = value.lowerBound
            while let member = span.nextListMember(&position, end: value.upperBound) {
                if !member.isEmpty { members.append(member) }
            }
        }
        return members
    }

    /// The name of a member of a list, without its parameters.
    fileprivate func nameOfMember(_ member: Range<Int>) -> Range<Int> { bytes.span.withoutParameters(member) }

    fileprivate func isToken(_ range: Range<Int>) -> Bool {
        !range.isEmpty && withSpan(range) { $0.index(after: .token, from: 0) == $0.count }
    }
}
