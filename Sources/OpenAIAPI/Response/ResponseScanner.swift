import Scanners

/// Looks on at a JSON answer as it passes. It never fails: where the answer is no JSON, what it knows by then stays.
package final class ResponseScanner {
    /// The most bytes of a `backend` with its white space: what is remembered of the pieces before.
    private static let backendSourceLimit = 2048

    private let paths: ResponsePaths
    private var scanner: JSONScanner
    private var names = ResponseMetadata()
    private var hasFailed = false
    /// Bytes that have passed.
    private var count = 0
    /// The last of them, as long as a `backend` may be among them whose end has not come yet.
    private var tail: [UInt8] = []
    private var awaitsBackend = true

    /// A scanner for the answer of `endpoint`.
    package init(endpoint: Endpoint) {
        paths = ResponsePaths.paths(for: endpoint, .document)
        scanner = JSONScanner(paths.list)
    }

    /// Takes the next piece of the answer, of any size.
    package func scan(_ bytes: Span<UInt8>) {
        guard !hasFailed, bytes.count > 0 else { return }
        do throws(JSONError) { try scanner.scan(bytes) } catch { hasFailed = true }
        if names.id == nil || names.model == nil { names.takeNames(from: scanner) }
        if awaitsBackend { lookForBackend(in: bytes) }
        count += bytes.count
    }

    /// The answer is complete.
    package func finish() {
        guard !hasFailed else { return }
        do throws(JSONError) { try scanner.finish() } catch { hasFailed = true }
    }

    /// What is known so far; `id` and `backend` as soon as they have passed.
    package var facts: ResponseMetadata {
        var facts = names
        facts.amounts = amounts
        facts.isError = paths.isError(scanner)
        return facts
    }

    /// What of it is counted, without the rest.
    package var amounts: ResponseCounters {
        var amounts = ResponseCounters()
        amounts.usage = paths.usage(in: scanner)
        let content = paths.content(of: scanner)
        amounts.contentScalars = content.scalars
        amounts.contentBytes = content.utf8Bytes
        amounts.images = paths.images(in: scanner)
        return amounts
    }

    /// Whether `id` and `backend` are both known. Cheap.
    package var hasIdentity: Bool { names.hasIdentity }

    private func lookForBackend(in bytes: Span<UInt8>) {
        guard let kind = scanner.kind(ResponsePaths.backend) else { return remember(bytes) }
        awaitsBackend = false
        guard kind == .object, let range = scanner.found(ResponsePaths.backend)?.range else { return }
        let tailStart = count - tail.count
        if range.lowerBound >= count {
            names.takeBackend(bytes.extracting(range.lowerBound - count..<range.upperBound - count))
        } else if range.lowerBound >= tailStart {
            var source = Array(tail[(range.lowerBound - tailStart)...])
            bytes.extracting(0..<range.upperBound - count).withUnsafeBufferPointer { source.append(contentsOf: $0) }
            names.takeBackend(source.span)
        }
        tail = []
    }

    private func remember(_ bytes: Span<UInt8>) {
        let kept = min(bytes.count, Self.backendSourceLimit)
        let surplus = tail.count + kept - Self.backendSourceLimit
        if surplus > 0 { tail.removeFirst(surplus) }
        bytes.extracting(bytes.count - kept..<bytes.count).withUnsafeBufferPointer { tail.append(contentsOf: $0) }
    }
}
