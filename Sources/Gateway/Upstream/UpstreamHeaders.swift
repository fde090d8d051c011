import Bytes
import HTTP1
import OpenAIAPI

extension RequestPipeline {
    /// The head of the request as it goes upstream: the gateway's own fields, and those of the client's that
    /// `ForwardedFields` lists.
    @inline(never)
    func upstreamHead(
        _ route: MatchedRoute, bodyLength: Int, to target: UpstreamTarget, mayCompress: Bool, model: String?
    ) -> [UInt8] {
        let head = exchange.head
        let fields = head.fields
        var writer = HeadWriter(reusing: [])
        writer.bytes.reserveCapacity(fields.bytes.count + 256)
        let path = requestTarget(route, target.upstream, model: model)
        if details.refusalIfServed == nil {
            writer.request(method: head.method, of: fields, target: path.span)
        } else {
            writer.request(method: "GET", target: path.span)
        }
        writer.field("host", target.upstream.hostField)
        let trace = details.trace
        let writesType = bodyLength > 0 && route.endpoint.bodyKind == .json && !fields.declareJSON
        for index in 0..<fields.count {
            let field = fields[index]
            if writesType, fields.isNamed(field, "content-type") { continue }
            if ForwardedFields.contains(field, of: fields), !isUserHeader(field),
                trace?.forwards(field, of: fields) != false
            {
                writer.copy(field, of: fields)
            }
        }
        if let trace {
            trace.sends(to: target.upstream.origin, at: exchange.loop.now)
            trace.write(to: &writer)
        }
        // A body that was read as JSON is sent as JSON, also where the client named another type.
        if writesType { writer.field("content-type", "application/json") }
        ClientKeys.mask(&writer.bytes)
        if let authorization = target.authorization { writer.field("authorization", authorization) }
        // Only codings that the gateway can look into; none for a stream that it may have to take something out of.
        let asksForGzip = mayCompress && fields.hasToken("gzip", in: "accept-encoding")
        writer.field("accept-encoding", asksForGzip ? "gzip" : "identity")
        writer.field("via", "1.1 propylon")
        route.handshake?.writeFields(to: &writer)
        if bodyLength > 0 || details.method == .other { writer.field("content-length", bodyLength) }
        writer.end()
        return writer.bytes
    }

    /// The target upstream: the path with the served model in it, and the query.
    private func requestTarget(_ route: MatchedRoute, _ upstream: Upstream, model: String?) -> [UInt8] {
        let head = exchange.head
        let fields = head.fields
        var target = upstream.pathPrefix
        if route.dialect != nil {
            target.append(route.upstreamEndpoint.path)
            return target
        }
        fields.withSpan(head.path) { route.path.append(to: &target, asWritten: $0, model: model) }
        if let query = details.resource?.query {
            if !query.isEmpty { target.append(UInt8(ascii: "?")) }
            target.append(contentsOf: query)
        } else if let query = head.query, !readsAnthropicModels {
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

extension HeaderFields {
    /// True where the content type is `application/json`, with parameters or without.
    var declareJSON: Bool { first("content-type").map { hasPrefix($0, "application/json") } ?? false }
}

/// The client's fields that are forwarded. Every other one is dropped: it may hold a key, a cookie or an address of the
/// client.
enum ForwardedFields {
    /// Returns true for a field on the list that is end-to-end (RFC 9110, section 7.6.1).
    static func contains(_ field: HeaderFields.Field, of fields: HeaderFields) -> Bool {
        !fields.isHopByHop(field) && (isListed(field, of: fields) || hasListedPrefix(field, of: fields))
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
        case 16: isNamed("content-language")
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
}

/// Subprotocols of WebSockets.
enum Subprotocol {
    /// Returns true for a subprotocol that carries a credential, which is not for the upstream.
    ///
    /// Pages in browsers cannot set `authorization`. They send the key in `openai-insecure-api-key.KEY` to OpenAI, and in
    /// subprotocols with `bearer` in their names to other servers. The key is no authentication here.
    static func holdsCredential(_ subprotocol: String) -> Bool {
        let text = subprotocol.lowercased()
        return ["sk-ppl-", "api-key", "api_key", "apikey", "bearer"].contains { text.contains($0) }
    }
}
