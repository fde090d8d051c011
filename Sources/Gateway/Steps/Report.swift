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

    private func accessEntry(_ outcome: Outcome) -> AccessEntry {
        let head = exchange.head
        func text(_ range: Range<Int>, _ limit: Int) -> String {
            head.fields.string(range.lowerBound..<min(range.upperBound, range.lowerBound + limit))
        }
        return AccessEntry(
            id: details.id, startedAt: details.startedAt, duration: details.ended - details.started,
            method: text(head.method, AccessEntry.nameLimit), path: text(head.path, AccessEntry.pathLimit),
            status: outcome.status, responseBytes: outcome.responseBytes, error: outcome.reply.error?.code,
            failure: outcome.failure, record: details.loggedRecord)
    }

    @inline(never)
    private func report(_ outcome: Outcome, to trace: RequestTrace) {
        var entry = accessEntry(outcome)
        entry.path = maskedPath
        trace.report(entry, outcome, details, isSecure: exchange.isSecure)
    }

    /// The path as the access log has it, without the secret of a key that a client has put into it by mistake.
    private var maskedPath: String {
        let (path, limit) = (exchange.head.path, AccessEntry.pathLimit)
        var bytes: [UInt8] = []
        // A key may end beyond the limit.
        let end = min(path.upperBound, path.lowerBound + limit + ClientKeys.length)
        exchange.head.fields.append(path.lowerBound..<end, to: &bytes)
        ClientKeys.mask(&bytes)
        return String(decoding: bytes.prefix(limit), as: UTF8.self)
    }
}
