import Bytes
import Scanners

/// Reads a JSON response as it passes, in any split the same. Never fails: after a fault in the JSON, everything known by then
/// stays.
package final class ResponseScanner {
    /// The most bytes of a `backend`, with its white space. A longer one is left out.
    private static let backendSourceLimit = 2048

    private let paths: ResponsePaths
    private var scanner: JSONScanner
    private var names = ResponseMetadata()
    private var hasFailed = false
    /// Bytes read so far.
    private var count = 0
    /// Bytes after a fault in the JSON.
    private var unread = 0
    /// The last bytes read, for a `backend` that ends in a later piece.
    private var tail: [UInt8] = []
    private var awaitsBackend = true

    /// Creates a scanner for a response of `endpoint`.
    package convenience init(endpoint: Endpoint) { self.init(ResponsePaths.of(endpoint, .document)) }

    /// Creates a scanner for a document with `paths`.
    init(_ paths: ResponsePaths) {
        self.paths = paths
        scanner = JSONScanner(paths.set, acceptsNonFinite: true)
    }

    /// Reads the next piece of the response, of any size.
    package func scan(_ bytes: Span<UInt8>) {
        guard !hasFailed else { return unread += bytes.count }
        guard bytes.count > 0 else { return }
        do throws(JSONError) { try scanner.scan(bytes) } catch {
            hasFailed = true
            unread = count + bytes.count - error.offset
        }
        names.readNames(from: scanner, hasOwnID: paths.hasOwnID)
        if awaitsBackend { findBackend(in: bytes) }
        count += bytes.count
    }

    /// Ends the response.
    package func finish() {
        guard !hasFailed else { return }
        do throws(JSONError) { try scanner.finish() } catch { hasFailed = true }
    }

    /// The metadata known so far; `id` and `backend` as soon as they have passed.
    package var metadata: ResponseMetadata {
        var metadata = names
        metadata.counters = counters
        metadata.isError = paths.isError(scanner)
        return metadata
    }

    /// The billable counters alone.
    package var counters: ResponseCounters {
        var counters = ResponseCounters()
        counters.usage = paths.usage(in: scanner)
        counters.hasUnreadUsage = counters.usage?.isStated != true && paths.hasUsage(scanner)
        let content = paths.textLength(in: scanner)
        counters.contentScalars = content.scalars
        counters.contentBytes = content.utf8Bytes
        counters.images = paths.images(in: scanner)
        if unread > 0 { counters.addUnread(bytes: unread) }
        return counters
    }

    /// Returns true once everything is known that the head says of who answered: `backend`, and the response's own `id` where
    /// it has one. Cheap.
    package var hasIdentity: Bool { names.backend != nil && (names.id != nil || !paths.hasOwnID) }

    private func findBackend(in bytes: Span<UInt8>) {
        guard let kind = scanner.kind(ResponsePaths.backend) else { return remember(bytes) }
        awaitsBackend = false
        guard kind == .object, let range = scanner.found(ResponsePaths.backend)?.range,
            range.count <= Self.backendSourceLimit
        else { return }
        if range.lowerBound >= count {
            names.readBackend(bytes.extracting(range.lowerBound - count..<range.upperBound - count))
        } else {
            var source = Array(tail.suffix(count - range.lowerBound))
            source.append(0..<range.upperBound - count, of: bytes)
            names.readBackend(source.span)
        }
        tail = []
    }

    private func remember(_ bytes: Span<UInt8>) {
        let kept = min(bytes.count, Self.backendSourceLimit)
        let surplus = tail.count + kept - Self.backendSourceLimit
        if surplus > 0 { tail.removeFirst(surplus) }
        tail.append(bytes.count - kept..<bytes.count, of: bytes)
    }
}
