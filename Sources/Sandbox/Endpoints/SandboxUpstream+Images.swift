/// `POST /v1/images/generations`: grey gradients, as PNG in Base64.
extension SandboxUpstream {
    /// The most bytes of all images of a response.
    private static let sizeLimit = 256 << 20

    func images(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let body = try JSONValue(object: call.request.body)
        let name = try body.modelName()
        let (_, behaviour) = try model(name)
        guard let prompt = body["prompt"]?.string, !prompt.isEmpty else { throw .missing("prompt") }
        let count = body["n"]?.integer ?? 1
        guard (1...10).contains(count) else {
            throw .invalid("Invalid parameter 'n': must be from 1 to 10", param: "n")
        }
        let (width, height) = try Self.dimensions(body["size"]?.string)
        let image = PNGImage.encode(width: width, height: height, atLeast: behaviour.size ?? 0)
        guard count * image.count <= Self.sizeLimit else {
            throw .invalid("The sandbox makes at most \(Self.sizeLimit) bytes of images a response.", param: "n")
        }
        var json = JSONOutput(capacity: 256 + count * image.count * 3 / 2)
        let id = id("img-", call.number)
        json.raw("{")
        appendIdentity(id, behaviour, to: &json)
        json.raw(#""created":"#)
        json.integer(Int(options.clock()))
        json.raw(#","data":["#)
        for index in 0..<count {
            if index > 0 { json.raw(",") }
            json.raw(#"{"b64_json":"#)
            json.base64(image)
            json.raw("}")
        }
        json.raw("]}")
        var usage = SandboxUsage()
        usage.images = count
        bill(usage, call, model: name, behaviour)
        return deliver(json.bytes, id: id, behaviour, to: call)
    }

    /// Width and height of `size`, as `640x480`; a small image for nil and `auto`.
    private static func dimensions(_ size: String?) throws(SandboxError) -> (Int, Int) {
        guard let size, size != "auto" else { return (64, 64) }
        let parts = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let width = parts[0], let height = parts[1], (1...2048).contains(width),
            (1...2048).contains(height)
        else { throw .invalid("Invalid parameter 'size': must be WIDTHxHEIGHT, each from 1 to 2048", param: "size") }
        return (width, height)
    }
}
