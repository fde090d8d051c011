import Bytes
import Scanners

/// JSON as `ok KIND MODEL N SCALARS BYTES`, of the members `model`, `n` and `t`; `-` for what is missing.
enum JSONReading {
    private static let paths = JSONPathSet([JSONPath("model"), JSONPath("n"), JSONPath("t", .textLength)])

    static func document(_ bytes: Span<UInt8>) -> String {
        var scanner = JSONScanner(paths)
        do throws(JSONError) {
            try scanner.scan(bytes)
            try scanner.finish()
        } catch {
            return "error"
        }
        let model = scanner.found(0).flatMap { $0.kind == .string ? $0.text : nil }
        let number = scanner.integer(1).map(String.init) ?? "-"
        let length = scanner.textLength(2)
        let kind = scanner.topLevel.map { "\($0)" } ?? "-"
        return
            "ok \(kind) \(model.map { "\"" + hexadecimal($0.utf8) } ?? "-") \(number) \(length.scalars) \(length.utf8Bytes)"
    }
}

/// Multipart as `ok NAME FILENAME TYPE CONTENT…`, four words for each part. The first line is the content type.
enum MultipartReading {
    static func body(_ input: Span<UInt8>) -> String {
        let end = input.index(of: ASCII.lineFeed, from: 0)
        guard end < input.count, let boundary = MultipartScanner.boundary(ofContentType: input.extracting(0..<end))
        else {
            return "error"
        }
        let body = input.extracting(end + 1..<input.count)
        var scanner = MultipartScanner(boundary: boundary)
        do throws(MultipartError) {
            try scanner.scan(body)
            try scanner.finish()
        } catch {
            return "error"
        }
        let parts = scanner.parts.map { part in
            var content: [UInt8] = []
            for index in part.range { content.append(body[index]) }
            let words = [part.name, part.fileName, part.contentType].map {
                $0.map { "\"" + hexadecimal($0.utf8) } ?? "-"
            }
            return (words + [hexadecimal(content)]).joined(separator: " ")
        }
        return "ok " + parts.joined(separator: " ")
    }
}
