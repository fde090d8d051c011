/// The events of a streamed generation, made one at a time.
///
/// The order is: the role of each choice (chat only), their reasoning in turn, the called function of each, their other tokens in
/// turn, the end of each, the usage if requested, `[DONE]`.
struct EventSource: Sendable {
    private let writer: GenerationWriter
    private let generation: Generation
    private let behaviour: Behaviour
    private let includesUsage: Bool
    private let roleCount: Int
    /// The number of the first event that names a called function, and how many do.
    private let firstName: Int
    private let nameCount: Int
    private let tokenCount: Int
    /// All events that have a choice.
    private let choiceEvents: Int
    private let eventCount: Int
    private var index = 0
    private var owesPause = false
    private var isOver = false

    /// Bytes of one step, if there is no pause between events.
    private static let stepSize = 16 * 1024

    init(_ writer: GenerationWriter, _ generation: Generation, _ behaviour: Behaviour, includesUsage: Bool) {
        self.writer = writer
        self.generation = generation
        self.behaviour = behaviour
        self.includesUsage = includesUsage && behaviour.usage == .standard
        let choices = generation.choices
        roleCount = writer.form == .text ? 0 : choices
        firstName = roleCount + generation.reasoningTokens * choices
        nameCount = writer.form == .text || generation.toolCall == nil ? 0 : choices
        tokenCount = generation.tokensPerChoice * choices
        choiceEvents = roleCount + nameCount + tokenCount + choices
        eventCount = choiceEvents + (self.includesUsage ? 1 : 0) + (behaviour.fault == .noDone ? 0 : 1)
    }

    /// The number of the first event that a fault replaces.
    private var half: Int { choiceEvents / 2 }

    /// Sent tokens of all choices: fewer than generated if a fault ends the stream early.
    var sentTokens: Int {
        guard behaviour.breakingStep != nil || behaviour.fault == .errorEvent else {
            return tokenCount
        }
        return tokens(before: half)
    }

    /// Tokens of all choices in the first `index` events.
    private func tokens(before index: Int) -> Int {
        let names = min(max(index - firstName, 0), nameCount)
        return min(max(index - roleCount - names, 0), tokenCount)
    }

    mutating func next() -> SandboxResponse.Step? {
        guard !isOver, index < eventCount else { return nil }
        if index == half, let step = behaviour.breakingStep {
            isOver = true
            return step
        }
        if behaviour.interval > .zero, index > 0 {
            owesPause.toggle()
            if owesPause { return .pause(behaviour.interval) }
        }
        var json = JSONOutput(capacity: behaviour.interval > .zero ? 320 : Self.stepSize + 512)
        repeat {
            appendNext(to: &json)
        } while !isOver && behaviour.interval == .zero && index < eventCount && json.bytes.count < Self.stepSize
            && !(index == half && behaviour.breakingStep != nil)
        return .bytes(json.bytes)
    }

    private mutating func appendNext(to json: inout JSONOutput) {
        defer { index += 1 }
        if index == half, behaviour.fault == .errorEvent {
            json.raw("data: ")
            SandboxError.requested(500).appendObject(to: &json)
            json.raw("\n\n")
            isOver = true
        } else if index == half, behaviour.fault == .malformed {
            json.raw("data: {\"choices\":[{\"delta\":\n\n")
        } else if index < choiceEvents {
            appendChoiceEvent(to: &json)
        } else if index == choiceEvents, includesUsage {
            writer.appendUsageEvent(generation, hasBackend: behaviour.hasBodyIdentity, to: &json)
        } else {
            json.raw("data: [DONE]\n\n")
        }
    }

    private func appendChoiceEvent(to json: inout JSONOutput) {
        let delta: GenerationWriter.Delta
        let choices = generation.choices
        // All choices have as many events of each kind.
        let choice = index % choices
        let before = self.tokens(before: index)
        var tokens = before / choices
        if index < roleCount {
            delta = .role
        } else if (firstName..<firstName + nameCount).contains(index) {
            delta = .toolName
        } else if before < tokenCount {
            delta = .token(tokens)
            tokens += 1
        } else {
            delta = .finish
        }
        let usage: GenerationWriter.EventUsage
        switch behaviour.usage {
        case .standard: usage = includesUsage ? .null : .absent
        case .none: usage = .absent
        case .everyChunk: usage = .stated(tokens)
        case .lastChunk: usage = index == choiceEvents - 1 ? .stated(generation.tokensPerChoice) : .absent
        }
        writer.appendEvent(
            delta, choice: choice, of: generation,
            hasBackend: behaviour.hasBodyIdentity || behaviour.backend == .firstEvent && index == 0, usage: usage,
            to: &json)
    }
}
