import Fuzzing
import Policy

@testable import Settings

/// Values of the configuration: a text that is read is read again as it was written, and stays in its range.
extension FuzzTarget {
    static let values = FuzzTarget("values") { data, count in
        examine(data, count) { bytes in
            guard bytes.count > 1 else { return }
            let text = String(decoding: bytes.extracting(1..<bytes.count).array, as: UTF8.self)
            switch bytes[0] % 8 {
            case 0: check(formats.duration, text)
            case 1: check(formats.size, text)
            case 2: check(formats.integer, text)
            case 3: check(formats.decimal, text)
            case 4: check(formats.address, text)
            case 5: check(formats.url, text)
            case 6: check(formats.header, text)
            default: expand(text)
            }
        }
    }
}

/// The formats with the widest ranges.
///
/// Sound: nothing changes them, and libFuzzer calls its target on one thread.
private nonisolated(unsafe) let formats = (
    duration: ValueFormat<Duration>.duration(.zero...(.hours(24 * 36_500))), size: ValueFormat<Int>.size(0...Int.max),
    integer: ValueFormat<Int64>.integer(Int64.min...Int64.max), decimal: ValueFormat<Int64>.decimal(places: 9, "price"),
    address: ValueFormat<ListenAddress>.address, url: ValueFormat<UpstreamURL>.url,
    header: ValueFormat<String>.freeHeaderName
)

private func check<Value: Equatable>(_ format: ValueFormat<Value>, _ text: String) {
    do throws(ParseProblem) {
        let value = try format.read(text)
        let again = try? format.read(format.write(value))
        require(again == value, "a value is read as it was written")
    } catch {
        require(!error.message.isEmpty, "a refusal has a reason")
    }
}

private func expand(_ text: String) {
    let expansion = Expansion(environment: ["K": "v", "E": ""], readFile: { $0 == "/f" ? "c\r\n\n" : "${K}" })
    do throws(ParseProblem) {
        let expanded = try expansion.expand(text, optional: ["O"])
        if !expanded.isForeign { require(expanded.text.utf8.count <= text.utf8.count, "a text does not grow") }
    } catch {
        require(!error.message.isEmpty, "a refusal has a reason")
    }
}
