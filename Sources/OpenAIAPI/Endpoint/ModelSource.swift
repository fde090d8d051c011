/// The place where a request names its model.
enum ModelSource: Sendable {
    /// The body's `model`; a request without it is refused.
    case requiredMember
    /// The body's `model`; without it the upstream chooses, as some transcription clients expect.
    case optionalMember
    /// The path, or no model is involved.
    case path
    /// The query's `model`.
    case query
    /// The lines of a batch's input file, which are read when it is uploaded.
    case lines
    /// A place that the gateway does not read: an unknown endpoint's own members.
    case unseen
}
