/// `POST /v1/images/generations`: grey gradients, as PNG in base 64.
extension SandboxUpstream {
    func images(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer {
        let body = try jsonBody(call)
        let name = try modelName(body)
        let (_, behaviour) = try model(name)
        guard let prompt = body["prompt"]?.string, !prompt.isEmpty else { throw .missing("prompt") }
        let count = body["n"]?.integer ?? 1
        guard (1...10).contains(count) else {
            throw .invalid("Invalid parameter 'n': must be from 1 to 10", param: "n")
        }
        let (width, height) = try Self.dimensions(body["size"]?.string)
        let image = PortableImage.encode(width: width, height: height, atLeast: behaviour.size ?? 0)
        var json = JSONOutput(capacity: 256 + count * image.count * 3 / 2)
        let id = id("img-", call.number)
        json.raw("{")
        appendIdentity(id, behaviour, to: &json)
        json.raw(#""created":"#)
        json.integer(Int(options.clock()))
        json.raw(#","data":["#)
        for index in 0..<count {
            if index > 0 { json.raw(",") }
            json.raw(#"{"b64_json":""#)
            Base64.append(image, to: &json.bytes)
            json.raw(#""}"#)
        }
        json.raw("]}")
        var usage = SandboxUsage()
        usage.images = count
        bill(usage, call, model: name, behaviour)
        return deliver(json.bytes, id: id, behaviour, to: call)
    }

    /// `640x480`; a small image where nothing, or `auto`, is asked for.
    private static func dimensions(_ size: String?) throws(SandboxRefusal) -> (Int, Int) {
        guard let size, size != "auto" else { return (64, 64) }
        let parts = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let width = parts[0], let height = parts[1], (1...2048).contains(width),
            (1...2048).contains(height)
        else { throw .invalid("Invalid parameter 'size': must be WIDTHxHEIGHT, each from 1 to 2048", param: "size") }
        return (width, height)
    }
}

/// The PNG format, uncompressed.
enum PortableImage {
    /// A gradient of 8-bit grey, in a file of `atLeast` bytes where it would be smaller: a private chunk, which readers skip,
    /// fills it up.
    static func encode(width: Int, height: Int, atLeast size: Int) -> [UInt8] {
        var header: [UInt8] = []
        header.appendBigEndian(UInt32(width))
        header.appendBigEndian(UInt32(height))
        header += [8, 0, 0, 0, 0]
        var rows: [UInt8] = []
        rows.reserveCapacity((width + 1) * height)
        for y in 0..<height {
            rows.append(0)
            for x in 0..<width { rows.append(UInt8(truncatingIfNeeded: x + y)) }
        }
        // The zlib format (RFC 1950): two bytes of head, the blocks, a checksum.
        var data: [UInt8] = [0x78, 0x01]
        StoredDeflate.append(rows, isLast: true, to: &data)
        data.appendBigEndian(adler32(rows))

        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        append("IHDR", header, to: &file)
        append("IDAT", data, to: &file)
        let missing = size - file.count - 12
        if missing >= 12 { append("paDd", [UInt8](repeating: 0x20, count: missing - 12), to: &file) }
        append("IEND", [], to: &file)
        return file
    }

    private static func append(_ kind: String, _ content: [UInt8], to file: inout [UInt8]) {
        file.appendBigEndian(UInt32(content.count))
        var checksum = CRC32()
        checksum.update(kind.utf8)
        checksum.update(content)
        file += Array(kind.utf8)
        file += content
        file.appendBigEndian(checksum.value)
    }

    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        return high << 16 | low
    }
}
