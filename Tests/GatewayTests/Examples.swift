import Clocks
import HTTP1
import OpenAIAPI
import Policy

@testable import Gateway

extension RequestHead {
    /// The head of `text`, whose lines end with LF here.
    static func of(_ text: String) throws -> RequestHead {
        let bytes = Array(text.split(separator: "\n").joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8)
        var reader = RequestHeadReader(limit: 1 << 16)
        guard case .complete(let head, _) = try reader.read(bytes.span) else { throw IncompleteHead() }
        return head
    }

    private struct IncompleteHead: Error {}
}

extension RequestDetails {
    /// The details of a request to `endpoint` whose body is `body`, as the steps note them.
    static func of(
        _ endpoint: Endpoint, _ body: String? = nil, usesModels: Bool = true, prices: PriceList = .vendor
    ) throws -> RequestDetails {
        let id = RequestID(high: 1, low: 2)
        let details = RequestDetails(
            id: id, startedAt: Timestamp(seconds: 1_000_000), started: MonotonicTime(nanoseconds: 5_000_000_000), prices
        )
        details.endpoint = endpoint
        details.usesModels = usesModels
        details.key = KeyRecord(
            id: "key", name: "key", tier: "monthly", team: "team", createdAt: Timestamp(seconds: 1),
            digest: KeyDigest(1, 2, 3, 4))
        guard let body else { return details }
        let scanner = try RequestScanner(endpoint: endpoint, contentType: nil)
        try scanner.scan(Array(body.utf8).span)
        details.metadata = try scanner.finish()
        details.serve(details.metadata?.model)
        return details
    }
}

extension ResponseCounters {
    /// Counters of a response that states so many tokens.
    static func stating(_ prompt: Int64, _ completion: Int64, reasoning: Int64 = 0, cached: Int64 = 0)
        -> ResponseCounters
    {
        var usage = UpstreamUsage(.tokens)
        usage.input = prompt
        usage.output = completion
        usage.reasoning = reasoning
        usage.cached = cached
        var counters = ResponseCounters()
        counters.usage = usage
        return counters
    }
}
