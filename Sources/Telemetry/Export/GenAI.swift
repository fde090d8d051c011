/// What spans and metrics of calls of models have in common.
package enum GenAI {
    /// The name of the attribute of the provider.
    package static let provider = "gen_ai.provider.name"
    /// The provider: by the conventions the one whose API is spoken, which a proxy need not be.
    package static let providerName = "openai"
}
