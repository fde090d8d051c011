import Bytes
import HTTP1
import OpenAIAPI
import Policy

extension RequestPipeline {
    /// Starts the response with the upstream's head, and with the identity of who answered.
    ///
    /// - Parameters:
    ///   - length: the body's length; nil where it is not known or may change.
    ///   - identity: the metadata of the response, as far as it is known by now.
    ///   - isDecoded: true where the body goes down without the coding that it came in.
    @inline(never)
    func startResponse(_ head: ResponseHead, length: Int?, _ identity: ResponseMetadata?, isDecoded: Bool = false) {
        let translation = details.translation
        exchange.start(status: head.status, length: ResponseLength(length)) { writer in
            let fields = head.fields
            var hasID = false
            var hasBackend = false
            for index in 0..<fields.count {
                let field = fields[index]
                if UpstreamOnlyFields.contain(field, of: fields)
                    || isDecoded && fields.isNamed(field, "content-encoding")
                    || translation != nil && fields.isNamed(field, "content-type")
                {
                    continue
                }
                if fields.isNamed(field, "id") { hasID = true }
                if fields.isNamed(field, "backend") { hasBackend = true }
                writer.copy(field, of: fields)
            }
            if let translation { writer.field("content-type", translation.contentType) }
            writeOwnFields(to: &writer, hasID: hasID, hasBackend: hasBackend, identity)
        }
    }

    /// Starts a stream whose request still waits. Only the gateway has answered it yet.
    @inline(never)
    func startWaitingStream() {
        exchange.start(status: 200, length: ResponseLength(nil)) { writer in
            writer.field("content-type", "text/event-stream")
            writer.field("cache-control", "no-cache")
            writeOwnFields(to: &writer, hasID: false, hasBackend: false, nil)
        }
    }

    /// The fields of the 101 that opens a WebSocket: those of the upgrade, the upstream's and the gateway's.
    func writeUpgradeFields(_ head: ResponseHead, to writer: inout HeadWriter) {
        WebSocketHandshake.writeUpgrade(to: &writer)
        let fields = head.fields
        for index in 0..<fields.count {
            let field = fields[index]
            if !UpstreamOnlyFields.contain(field, of: fields) { writer.copy(field, of: fields) }
        }
        writeOwnFields(to: &writer, hasID: fields.contains("id"), hasBackend: fields.contains("backend"), nil)
    }

    /// Writes the gateway's fields: the identity of who answered, where the upstream's head does not have it, the request's
    /// id, and the client's limits.
    private func writeOwnFields(
        to writer: inout HeadWriter, hasID: Bool, hasBackend: Bool, _ identity: ResponseMetadata?
    ) {
        let own = details.id.description
        if !hasID { writer.field("id", identity?.id ?? own) }
        if !hasBackend { writer.field("backend", identity?.backend ?? snapshot.backend) }
        writer.field("x-request-id", own)
        for (name, value) in rateFields() { writer.field(name, value) }
        if let dropped = details.translation?.dropped { writer.field("x-propylon-dropped", dropped) }
        if snapshot.crossOrigin.isUsed {
            for (name, value) in snapshot.crossOrigin.fields(for: exchange.head.fields) { writer.field(name, value) }
        }
        snapshot.secrets.mask(&writer.bytes)
    }
}

/// Fields of a response that end here: those of the connection and of the framing, those that speak of the upstream's host,
/// which the client would take for the gateway's, the limits of the upstream's account, which all keys share and programs pace
/// themselves by, and the id that the gateway replaces by its own.
enum UpstreamOnlyFields {
    static func contain(_ field: HeaderFields.Field, of fields: HeaderFields) -> Bool {
        fields.isHopByHop(field) || isListed(field, of: fields)
    }

    /// The length tells most names apart.
    private static func isListed(_ field: HeaderFields.Field, of fields: HeaderFields) -> Bool {
        func isNamed(_ name: StaticString) -> Bool { fields.isNamed(field, name) }
        return switch field.name.count {
        case 3: isNamed("nel")
        case 6: isNamed("server")
        case 7: isNamed("alt-svc")
        case 9: isNamed("expect-ct") || isNamed("report-to")
        case 10: isNamed("set-cookie")
        case 12: isNamed("x-request-id") || isNamed("x-powered-by")
        case 14: isNamed("content-length")
        case 15: isNamed("public-key-pins") || isNamed("clear-site-data")
        case 19: isNamed("reporting-endpoints")
        case 25: isNamed("strict-transport-security")
        default:
            switch ASCII.lowercased(fields.bytes[field.name.lowerBound]) {
            case UInt8(ascii: "a"): fields.hasPrefix(field.name, "access-control-")
            case UInt8(ascii: "x"): fields.hasPrefix(field.name, "x-ratelimit-")
            default: false
            }
        }
    }
}
