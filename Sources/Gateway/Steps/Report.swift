import Clocks
import HTTP1
import Policy

extension RequestPipeline {
    /// Reports the request to the access log and the metrics.
    @inline(never)
    func report(_ outcome: Outcome) {
        if let log = gateway.accessLog {
            let head = exchange.head
            func text(_ range: Range<Int>, _ limit: Int) -> String {
                head.fields.string(range.lowerBound..<min(range.upperBound, range.lowerBound + limit))
            }
            log.write(
                AccessEntry(
                    id: details.id, startedAt: details.startedAt, duration: details.ended - details.started,
                    client: snapshot.options.trustedProxies.client(of: exchange.clientAddress, head.fields),
                    method: text(head.method, AccessEntry.nameLimit), path: text(head.path, AccessEntry.pathLimit),
                    userAgent: head.fields.first("user-agent").map { text($0, AccessEntry.agentLimit) },
                    status: outcome.status, responseBytes: outcome.responseBytes, error: outcome.reply.error?.code,
                    failure: outcome.failure, keyName: details.key?.name, record: details.loggedRecord))
        }
        gateway.metrics.end(
            endpoint: details.endpoint, row: details.row, status: outcome.status,
            failure: outcome.failure?.cause,
            microseconds: details.ended.microseconds(since: details.started))
    }
}
