import Bytes
import Clocks
import HTTP1
import Policy

extension RequestPipeline {
    /// Reports the request to the access log, the metrics and the collector.
    @inline(never)
    func report(_ outcome: Outcome) {
        if let log = gateway.accessLog { log.write(accessEntry(outcome)) }
        if let trace = details.trace, trace.isReported { report(outcome, to: trace) }
        gateway.metrics.end(
            endpoint: details.endpoint, row: details.row, status: outcome.status,
            failure: outcome.failure?.cause,
            microseconds: details.ended.microseconds(since: details.started))
    }

    /// Inlined, so that the log borrows an entry that is made in place.
    @inline(__always)
    private func accessEntry(_ outcome: Outcome) -> AccessEntry {
        let head = exchange.head
        return AccessEntry(
            id: details.id, startedAt: details.startedAt, duration: details.ended - details.started,
            client: snapshot.options.trustedProxies.client(of: exchange.clientAddress, head.fields),
            method: text(head.method, AccessEntry.nameLimit), path: text(head.path, AccessEntry.pathLimit),
            userAgent: head.fields.first("user-agent").map { text($0, AccessEntry.agentLimit) },
            status: outcome.status, responseBytes: outcome.responseBytes, error: outcome.reply.error?.code,
            failure: outcome.failure, keyName: details.key?.name, trace: details.trace?.place?.server.trace,
            record: details.loggedRecord)
    }

    @inline(never)
    private func report(_ outcome: Outcome, to trace: RequestTrace) {
        trace.report(accessEntry(outcome), outcome, details, isSecure: exchange.isSecure)
    }

    /// At most `limit` bytes of the head at `range`, without the secret of a key that a client has put there by mistake.
    private func text(_ range: Range<Int>, _ limit: Int) -> String {
        let fields = exchange.head.fields
        let shown = range.lowerBound..<min(range.upperBound, range.lowerBound + limit)
        // A key may end beyond the limit.
        let whole = range.lowerBound..<min(range.upperBound, shown.upperBound + ClientKeys.length)
        guard fields.withSpan(whole, ClientKeys.mayBegin) else { return fields.string(shown) }
        var bytes: [UInt8] = []
        fields.append(whole, to: &bytes)
        ClientKeys.mask(&bytes)
        return String(decoding: bytes.prefix(limit), as: UTF8.self)
    }
}
