package dev.millrace.genome;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a {@code tokenizer.json} of the Hugging Face tokenizers library whose model is {@code WordLevel} over single characters.
 *
 * <p>What would make tokens other than one per character (a normalizer, another pre-tokenizer or model) is refused, not ignored.
 */
final class TokenizerFile {
    private static final long LARGEST = 16L << 20;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final JsonNode vocabulary;

    private TokenizerFile(Path file, JsonNode vocabulary) {
        this.file = file;
        this.vocabulary = vocabulary;
    }

    static TokenIds read(Path file) {
        JsonNode root = parse(file);
        JsonNode model = root.path("model");
        require(file, "model.type", "WordLevel", model.path("type"));
        JsonNode splitter = root.path("pre_tokenizer");
        require(file, "pre_tokenizer.type", "Split", splitter.path("type"));
        require(
                file,
                "pre_tokenizer.pattern.String",
                "",
                splitter.path("pattern").path("String"));
        require(file, "pre_tokenizer.behavior", "Isolated", splitter.path("behavior"));
        JsonNode normalizer = root.path("normalizer");
        if (!normalizer.isNull() && !normalizer.isMissingNode()) {
            throw new TokenizerFileException(file, "expected no normalizer, found " + brief(normalizer));
        }
        JsonNode vocabulary = model.path("vocab");
        if (!vocabulary.isObject() || vocabulary.isEmpty()) {
            throw new TokenizerFileException(
                    file, "expected an object model.vocab of token to number, found " + brief(vocabulary));
        }
        JsonNode unknown = model.path("unk_token");
        return new TokenizerFile(file, vocabulary).tokens(unknown.isString() ? unknown.asString() : "<UNK>");
    }

    private static JsonNode parse(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new TokenizerFileException(
                        file, "expected a file, found " + (Files.exists(file) ? "a folder" : "none"));
            }
            long bytes = Files.size(file);
            if (bytes > LARGEST) {
                throw new TokenizerFileException(file, "expected at most " + LARGEST + " bytes, found " + bytes);
            }
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new TokenizerFileException(file, "expected JSON, found " + e.getOriginalMessage() + position(e), e);
        } catch (IOException e) {
            throw new TokenizerFileException(file, "expected a file that can be read, found " + e.getMessage(), e);
        }
    }

    private static String position(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : ", line " + e.getLocation().getLineNr() + " column "
                        + e.getLocation().getColumnNr();
    }

    private static void require(Path file, String key, String expected, JsonNode found) {
        if (!found.isString() || !found.asString().equals(expected)) {
            throw new TokenizerFileException(file, "expected " + key + " \"" + expected + "\", found " + brief(found));
        }
    }

    private TokenIds tokens(String unknown) {
        int unk = required(unknown);
        int[] ids = new int[256];
        Arrays.fill(ids, unk);
        for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
            String token = entry.getKey();
            int id = number(token, entry.getValue());
            if (token.isEmpty() || token.codePointCount(0, token.length()) != 1) {
                continue; // <EOS> and its like; no other token of several characters can come of splitting into
                // characters
            }
            int codePoint = token.codePointAt(0);
            if (codePoint >= ids.length) {
                int known = ids.length;
                ids = Arrays.copyOf(ids, Math.max(codePoint + 1, Math.min(2 * known, Character.MAX_CODE_POINT + 1)));
                Arrays.fill(ids, known, ids.length, unk);
            }
            ids[codePoint] = id;
        }
        return TokenIds.of(required("<EOS>"), optional("<PAD>"), required("<BOS>"), optional("<SEP>"), unk, ids);
    }

    private int required(String token) {
        Integer id = optional(token);
        if (id == null) {
            throw new TokenizerFileException(file, "expected a token " + token + " in model.vocab, found none");
        }
        return id;
    }

    private @Nullable Integer optional(String token) {
        JsonNode id = vocabulary.get(token);
        return id == null ? null : number(token, id);
    }

    private int number(String token, JsonNode id) {
        if (!id.isInt() || id.asInt() < 0 || id.asInt() == Integer.MAX_VALUE) {
            throw new TokenizerFileException(
                    file,
                    "expected a number from 0 to " + (Integer.MAX_VALUE - 1) + " for token " + token + ", found "
                            + brief(id));
        }
        return id.asInt();
    }

    private static String brief(JsonNode node) {
        if (node.isMissingNode()) {
            return "none";
        }
        String text = node.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
