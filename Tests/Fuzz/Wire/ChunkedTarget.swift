import Fuzzing
import HTTP1

/// Chunked bodies: any split has the same data, and an accepted body has the data that a plain reading gives.
extension FuzzTarget {
    static let chunked = FuzzTarget("chunked") { data, count in
        examineWithEnd(data, count) { bytes in
            var whole: [UInt8] = []
            let wholeEnd = readBody([bytes.indices], bytes, into: &whole)
            var split: [UInt8] = []
            let splitEnd = readBody(Splits(bytes), bytes, into: &split)
            require(whole == split && wholeEnd == splitEnd, "a split body is read as the whole")
            if case .complete(let end) = wholeEnd {
                require(ChunkedModel.data(bytes, end) == whole, "a body has its chunks' data")
            }
        }
    }
}

private enum BodyEnd: Equatable {
    case incomplete
    case complete(end: Int)
    case failed(HTTP1Error)
}

private func readBody(_ pieces: some Sequence<Range<Int>>, _ bytes: Span<UInt8>, into data: inout [UInt8]) -> BodyEnd {
    var reader = BodyReader(.chunked, trailerLimit: 100)
    for piece in pieces {
        let bytes = bytes.extracting(piece)
        var position = 0
        reading: while true {
            do throws(HTTP1Error) {
                switch try reader.next(bytes, &position) {
                case .needsMore: break reading
                case .data(let range):
                    require(!range.isEmpty, "a piece of a body is not empty")
                    for index in range { data.append(bytes[index]) }
                case .end:
                    return .complete(end: piece.lowerBound + position)
                }
            } catch {
                return .failed(error)
            }
        }
        require(position == bytes.count, "a reader that needs more has used everything")
    }
    return .incomplete
}

/// A reader of chunks that is known to be accepted: it looks at nothing but sizes and line ends.
private enum ChunkedModel {
    static func data(_ bytes: Span<UInt8>, _ end: Int) -> [UInt8] {
        var data: [UInt8] = []
        var index = 0
        while index < end {
            var size = 0
            while let digit = digit(bytes[index]) {
                size = size * 16 + digit
                index += 1
            }
            while bytes[index] != 0x0A { index += 1 }
            index += 1
            if size == 0 { return data }
            for offset in index..<index + size { data.append(bytes[offset]) }
            index += size + 2
        }
        return data
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch Unicode.Scalar(byte) {
        case "0"..."9": Int(byte) - 0x30
        case "a"..."f": Int(byte) - 0x61 + 10
        case "A"..."F": Int(byte) - 0x41 + 10
        default: nil
        }
    }
}
