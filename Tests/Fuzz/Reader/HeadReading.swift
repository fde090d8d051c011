import Bytes
import HTTP1

/// Messages of HTTP as lines: `ok METHOD TARGET VERSION NAME:VALUE… | BODY`, `incomplete`, or `error`.
enum HeadReading {
    static func request(_ bytes: Span<UInt8>) -> String {
        var reader = RequestHeadReader(limit: 8192)
        do throws(HTTP1Error) {
            guard case .complete(let head, let end) = try reader.read(bytes) else { return "incomplete" }
            let line = [head.method, head.target].map { hexadecimal(head.fields.bytes[$0]) }
            let rest = BodyReading.body(head.framing, bytes.extracting(end..<bytes.count))
            return "ok \(line.joined(separator: " ")) \(head.version) \(fields(head.fields))| \(rest)"
        } catch {
            return "error \(error)"
        }
    }

    static func response(_ bytes: Span<UInt8>) -> String {
        var reader = ResponseHeadReader(limit: 8192, answeringHEAD: false)
        do throws(HTTP1Error) {
            guard case .complete(let head, let end) = try reader.read(bytes) else { return "incomplete" }
            // After 101 the bytes are of another protocol.
            let rest =
                head.status == 101 ? "switched" : BodyReading.body(head.framing, bytes.extracting(end..<bytes.count))
            return "ok \(head.status) \(head.version) \(fields(head.fields))| \(rest)"
        } catch {
            return "error \(error)"
        }
    }

    private static func fields(_ fields: HeaderFields) -> String {
        (0..<fields.count).map { index in
            "\(hexadecimal(fields.bytes[fields[index].name])):\(hexadecimal(fields.bytes[fields[index].value])) "
        }.joined()
    }
}

/// Bodies as `complete DATA` or `incomplete DATA`.
enum BodyReading {
    static func chunked(_ bytes: Span<UInt8>) -> String {
        body(.chunked, bytes)
    }

    static func body(_ framing: BodyFraming, _ bytes: Span<UInt8>) -> String {
        var reader = BodyReader(framing)
        var data: [UInt8] = []
        var position = 0
        do throws(HTTP1Error) {
            while true {
                switch try reader.next(bytes, &position) {
                case .data(let range): for index in range { data.append(bytes[index]) }
                case .end: return "complete \(hexadecimal(data)) \(position)"
                case .needsMore:
                    try reader.endOfStream()
                    return "complete \(hexadecimal(data)) \(position)"
                }
            }
        } catch {
            return "\(error == .unexpectedEnd ? "incomplete" : "error") \(hexadecimal(data))"
        }
    }
}

/// The bytes as hexadecimal text, `-` for none.
func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
    bytes.isEmpty ? "-" : bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
