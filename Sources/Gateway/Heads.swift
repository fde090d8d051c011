import HTTP1
import OpenAIAPI
import Policy
import Transport

/// The request's method, as far as the gateway treats methods differently.
enum RequestMethod: Equatable {
    case head
    /// GET, PUT, DELETE, OPTIONS: sending it twice does what sending it once does (RFC 9110, section 9.2.2).
    case idempotent
    case other

    init(_ head: RequestHead) {
        let fields = head.fields
        if fields.equals(head.method, "head") {
            self = .head
        } else if fields.equals(head.method, "post") || fields.equals(head.method, "patch") {
            self = .other
        } else {
            self = .idempotent
        }
    }

    var isIdempotent: Bool { self != .other }
}

extension RequestPassage {
    /// The head as it goes upstream: written afresh, with the caller's fields that are end-to-end (RFC 9110, section 7.6.1)
    /// except those that speak of this connection or of the caller's key.
    @inline(never)
    func upstreamHead(
        _ route: MatchedRoute, bodyLength: Int, authorization: String?, mayCompress: Bool, model: String?
    ) -> [UInt8] {
        let head = exchange.head
        let fields = head.fields
        var writer = HeadWriter(reusing: [])
        writer.bytes.reserveCapacity(fields.bytes.count + 256)

        var target = snapshot.options.pathPrefix
        fields.withSpan(head.path) { route.path.append(to: &target, asWritten: $0, model: model) }
        if let query = object?.query {
            if !query.isEmpty { target.append(UInt8(ascii: "?")) }
            target.append(contentsOf: query)
        } else if let query = head.query {
            target.append(UInt8(ascii: "?"))
            if let model, let named = modelInQuery(route) {
                fields.withSpan(query) { named.replace(in: $0, with: model, to: &target) }
            } else {
                fields.append(query, to: &target)
            }
        }
        writer.request(method: head.method, of: fields, target: target.span)
        writer.field("host", snapshot.hostField)
        for index in 0..<fields.count {
            let field = fields[index]
            if !fields.isHopByHop(field), !fields.isTheGatewaysOwn(field) { writer.copy(field, of: fields) }
        }
        if let authorization { writer.field("authorization", authorization) }
        // Only what the gateway can look into; and a stream that it may have to take something out of, as it is.
        let asksForGzip = mayCompress && fields.hasToken("gzip", in: "accept-encoding")
        writer.field("accept-encoding", asksForGzip ? "gzip" : "identity")
        writer.field("via", "1.1 propylon")
        if asksForUpgrade, let upgrade = fields.first("upgrade") {
            writer.field("connection", "upgrade")
            fields.withSpan(upgrade) { writer.field("upgrade", bytes: $0) }
        }
        if bodyLength > 0 || RequestMethod(head) == .other { writer.field("content-length", bodyLength) }
        writer.end()
        return writer.bytes
    }

    /// Begins the answer with the upstream's head, and with who answered as far as `view` knows it by now.
    @inline(never)
    func startAnswer(_ head: ResponseHead, length: Int?, of view: ResponseTransform?) {
        let identity = view?.facts
        exchange.start(status: head.status, length: ResponseLength(length)) { writer in
            let fields = head.fields
            let rates = rateFields()
            var hasID = false
            var hasBackend = false
            for index in 0..<fields.count {
                let field = fields[index]
                if fields.isHopByHop(field) || fields.isNamed(field, "content-length")
                    || fields.isNamed(field, "x-request-id") || !rates.isEmpty && fields.isRateLimit(field)
                {
                    continue
                }
                if fields.isNamed(field, "id") { hasID = true }
                if fields.isNamed(field, "backend") { hasBackend = true }
                writer.copy(field, of: fields)
            }
            let own = id.description
            if !hasID { writer.field("id", identity?.id ?? own) }
            if !hasBackend { writer.field("backend", identity?.backend ?? snapshot.backend) }
            writer.field("x-request-id", own)
            for (name, value) in rates { writer.field(name, value) }
        }
    }
}

extension HeaderFields {
    /// Whether the field tells of a limit of the upstream's account, which a caller with limits of its own would take for its own.
    fileprivate func isRateLimit(_ field: Field) -> Bool { hasPrefix(field.name, "x-ratelimit-") }

    /// Whether the gateway writes the field itself, or keeps it to itself, on the way upstream. A key may stand in any field
    /// that some other server reads keys from.
    fileprivate func isTheGatewaysOwn(_ field: Field) -> Bool {
        switch field.name.count {
        case 3: isNamed(field, "via")
        case 4: isNamed(field, "host")
        case 6: isNamed(field, "expect") || isNamed(field, "cookie")
        case 7: isNamed(field, "api-key")
        case 9: isNamed(field, "x-api-key")
        case 13: isNamed(field, "authorization")
        case 14: isNamed(field, "content-length") || isNamed(field, "x-goog-api-key")
        case 15:
            isNamed(field, "accept-encoding") || isNamed(field, "x-propylon-user") || isNamed(field, "x-propylon-tags")
        default: false
        }
    }
}
