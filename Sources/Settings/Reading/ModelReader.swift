import Policy

/// Reads `models`.
struct ModelReader {
    private let section: ConfigSection

    init(_ section: ConfigSection) { self.section = section }

    func read(_ models: inout Configuration.Models) {
        models.aliases = readAliases()
        models.prices = readPrices()
        for (name, entry) in section.table("energy_kwh_per_million_tokens") {
            models.energyOverrides[name] = entry.value(.decimal(places: 6, of: "kWh per million tokens"))
        }
        section.finish()
    }

    private func readAliases() -> [String: String] {
        let table = section.table("aliases")
        let names = Set(table.map(\.name))
        var aliases: [String: String] = [:]
        for (name, entry) in table {
            if name.isEmpty || name.contains("*") {
                entry.report("an alias is a whole name: it is not empty, and * has no meaning in it")
                continue
            }
            guard let target = entry.isNull ? nil : entry.value(.text) else {
                if entry.isNull { entry.report("an alias needs a model") }
                continue
            }
            if target == name {
                entry.report("is an alias of itself")
            } else if names.contains(target) {
                entry.report("its target \(target) is itself an alias; name the model that is served in the end")
            } else if target.contains("*") {
                entry.report("an alias stands for one model, and * has no meaning here")
            }
            aliases[name] = target
        }
        return aliases
    }

    /// The prices: `default` changes what every model costs, each other name one model, on top of it.
    private func readPrices() -> PriceList {
        let table = section.table("prices")
        var standard = ModelPrices.vendor
        for (name, entry) in table where name == Self.standardName { read(&standard, entry) }
        var prices: [String: ModelPrices] = [:]
        for (name, entry) in table where name != Self.standardName {
            var price = standard
            read(&price, entry)
            prices[name] = price
        }
        return PriceList(standard: standard, models: prices)
    }

    static let standardName = "default"

    private func read(_ prices: inout ModelPrices, _ entry: Entry) {
        guard let section = entry.section else { return }
        let perMillion = ValueParser<Int64>.decimal(places: 3, of: "a price in EUR per million")
        let each = ValueParser<Int64>.decimal(places: 9, of: "a price in EUR")
        section.set(&prices.input, "input", perMillion)
        section.set(&prices.output, "output", perMillion)
        section.setOrClear(&prices.reasoning, "reasoning", perMillion)
        section.set(&prices.rerank, "rerank", perMillion)
        section.setOrClear(&prices.batchInput, "batch_input", perMillion)
        section.setOrClear(&prices.batchOutput, "batch_output", perMillion)
        section.set(&prices.audioMinute, "audio_minute", each)
        section.set(&prices.speechCharacter, "speech", perMillion)
        section.set(&prices.image, "image", each)
        section.finish()
    }
}
