import Bytes
import HTTP1
import OpenAIAPI

extension RequestPipeline {
    /// The head of the request as it goes upstream: the gateway's own fields, and those of the client's that
    /// `ForwardedFields` lists.
    @inline(never)
    func upstreamHead(
        _ route: MatchedRoute, bodyLength: Int, authorization: String?, mayCompress: Bool, model: String?
    ) -> [UInt8] {
        let head = exchange.head
        let fields = head.fields
        var writer = HeadWriter(reusing: [])
        writer.bytes.reserveCapacity(fields.bytes.count + 256)
        writer.request(method: head.method, of: fields, target: upstreamTarget(route, model: model).span)
        writer.field("host", snapshot.hostField)
        let isUpgrade = head.asksForUpgrade
        for index in 0..<fields.count {
            let field = fields[index]
            if ForwardedFields.contains(field, of: fields, isUpgrade: isUpgrade), !isUserHeader(field) {
                writer.copy(field, of: fields)
            }
        }
        if let authorization { writer.field("authorization", authorization) }
        // Only codings that the gateway can look into; none for a stream that it may have to take something out of.
        let asksForGzip = mayCompress && fields.hasToken("gzip", in: "accept-encoding")
        writer.field("accept-encoding", asksForGzip ? "gzip" : "identity")
        writer.field("via", "1.1 propylon")
        if isUpgrade, let upgrade = fields.first("upgrade") {
            writer.field("connection", "upgrade")
            fields.withSpan(upgrade) { writer.field("upgrade", bytes: $0) }
        }
        if bodyLength > 0 || details.method == .other { writer.field("content-length", bodyLength) }
        writer.end()
        return writer.bytes
    }

    /// The target upstream: the path with the served model in it, and the query.
    private func upstreamTarget(_ route: MatchedRoute, model: String?) -> [UInt8] {
        let head = exchange.head
        let fields = head.fields
        var target = snapshot.options.pathPrefix
        fields.withSpan(head.path) { route.path.append(to: &target, asWritten: $0, model: model) }
        if let query = details.resource?.query {
            if !query.isEmpty { target.append(UInt8(ascii: "?")) }
            target.append(contentsOf: query)
        } else if let query = head.query {
            target.append(UInt8(ascii: "?"))
            if let model, let named = route.queryModel {
                fields.withSpan(query) { named.replace(in: $0, with: model, to: &target) }
            } else {
                fields.append(query, to: &target)
            }
        }
        return target
    }

    /// Returns true for the configured field that names the client's user: it is for the gateway alone.
    private func isUserHeader(_ field: HeaderFields.Field) -> Bool {
        exchange.head.fields.isNamed(field, configured: snapshot.userHeader)
    }
}

extension RequestHead {
    /// Returns true where the client asks to go on in another protocol on this connection, as WebSocket does (RFC 9110,
    /// section 7.8).
    var asksForUpgrade: Bool {
        version == .http11 && fields.equals(method, "get") && framing == .none
            && fields.contains("upgrade") && fields.hasToken("upgrade", in: "connection")
    }
}

/// The client's fields that are forwarded. Every other one is dropped: it may hold a key, a cookie or an address of the
/// client.
enum ForwardedFields {
    /// Returns true for a field on the list that is end-to-end (RFC 9110, section 7.6.1).
    static func contains(_ field: HeaderFields.Field, of fields: HeaderFields, isUpgrade: Bool) -> Bool {
        guard !fields.isHopByHop(field) else { return false }
        return isListed(field, of: fields) || hasListedPrefix(field, of: fields)
            || isUpgrade && fields.hasPrefix(field.name, "sec-websocket-") && !namesAKey(field, of: fields)
    }

    /// The length tells most names apart, so that one or two comparisons are made.
    private static func isListed(_ field: HeaderFields.Field, of fields: HeaderFields) -> Bool {
        func isNamed(_ name: StaticString) -> Bool { fields.isNamed(field, name) }
        return switch field.name.count {
        case 5: isNamed("range")
        case 6: isNamed("accept") || isNamed("prefer")
        case 7: isNamed("baggage")
        case 8: isNamed("if-match") || isNamed("if-range")
        case 10: isNamed("user-agent") || isNamed("tracestate")
        case 11: isNamed("traceparent")
        case 12: isNamed("content-type")
        case 13: isNamed("if-none-match") || isNamed("cache-control")
        case 15: isNamed("accept-language") || isNamed("idempotency-key")
        case 16: isNamed("content-encoding") || isNamed("content-language")
        case 17: isNamed("if-modified-since")
        case 19: isNamed("if-unmodified-since")
        default: false
        }
    }

    private static func hasListedPrefix(_ field: HeaderFields.Field, of fields: HeaderFields) -> Bool {
        let name = field.name
        // The first letter leaves out nearly all.
        return switch ASCII.lowercased(fields.bytes[name.lowerBound]) {
        case UInt8(ascii: "x"): fields.hasPrefix(name, "x-stainless-") || fields.hasPrefix(name, "x-codex-")
        case UInt8(ascii: "o"): fields.hasPrefix(name, "openai-")
        case UInt8(ascii: "a"): fields.hasPrefix(name, "anthropic-")
        default: false
        }
    }

    /// Returns true where a WebSocket subprotocol carries the client's key, as browsers send it to OpenAI.
    private static func namesAKey(_ field: HeaderFields.Field, of fields: HeaderFields) -> Bool {
        fields.string(field.value).contains("sk-ppl-")
    }
}
