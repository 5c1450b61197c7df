package dev.millrace.cli;

import dev.millrace.model.TrainableModel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A model of tokens, beside its parameters. Immutable.
 *
 * @param tokenModel shape of the network
 * @param windows how bases became the tokens that it knows
 * @param trainedOn where the parameters come from
 */
record TokenModelFile(TokenModelSection tokenModel, GenomeSection.Format windows, ModelFile.TrainedOn trainedOn)
        implements ModelDescription {
    private static final String KEY = "token_model";

    /** Whether a model file is one of tokens. */
    static boolean describes(ConfigNode root) {
        Map<String, ConfigNode> members = root.members();
        return members != null && members.containsKey(KEY);
    }

    @Override
    public byte[] toBytes() {
        return YAMLMapper.shared()
                .writeValueAsString(new LinkedHashMap<>(ConfigBinder.toMap(this)))
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public TrainableModel newBlock() {
        return ModelDescription.newBlock(toBytes());
    }
}
