package dev.millrace.kv;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.MapperBuilder;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.dataformat.cbor.CBORFactory;
import tools.jackson.dataformat.cbor.CBORMapper;

/** Jackson, set to refuse what it would put up with: duplicate and unknown names, numbers of another kind, names of classes. */
final class StrictMappers {
    static final int MAX_DEPTH = 1_000;
    static final int MAX_NUMBER_LENGTH = 1_000;

    static final JsonMapper JSON = strict(JsonMapper.builder(JsonFactory.builder()
                    .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
                    .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                    .streamReadConstraints(constraints(MAX_DEPTH, KvStore.LARGEST_VALUE_BYTES))
                    .streamWriteConstraints(writeConstraints())
                    .build()))
            .build();

    static final CBORMapper CBOR = strict(CBORMapper.builder(CBORFactory.builder()
                    .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                    .streamReadConstraints(constraints(MAX_DEPTH, KvStore.LARGEST_VALUE_BYTES))
                    .streamWriteConstraints(writeConstraints())
                    .build()))
            .build();

    private StrictMappers() {}

    /** A name may be as long as a value, or a value that was stored could not be read. */
    static StreamReadConstraints constraints(int depth, int length) {
        return StreamReadConstraints.builder()
                .maxNestingDepth(depth)
                .maxNumberLength(MAX_NUMBER_LENGTH)
                .maxStringLength(length)
                .maxNameLength(length)
                .build();
    }

    private static StreamWriteConstraints writeConstraints() {
        return StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build();
    }

    private static <M extends ObjectMapper, B extends MapperBuilder<M, B>> B strict(B builder) {
        return builder.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(StreamWriteFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .enable(
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS, SerializationFeature.FAIL_ON_SELF_REFERENCES)
                .disable(SerializationFeature.CLOSE_CLOSEABLE)
                .annotationIntrospector(new NoClassNames())
                .addModule(new SimpleModule("millrace-kv").addDeserializer(JsonNode.class, new JsonTree()));
    }

    /**
     * Passes over exactly one document without keeping it.
     *
     * @throws JacksonException if the bytes are something else
     * @throws ArithmeticException if a number is out of all range
     */
    static void requireOneDocument(ObjectMapper mapper, byte[] bytes) {
        try (JsonParser parser = mapper.createParser(bytes)) {
            int depth = 0;
            do {
                switch (JsonTree.next(parser)) {
                    case START_OBJECT, START_ARRAY -> depth++;
                    case END_OBJECT, END_ARRAY -> depth--;
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> JsonTree.number(parser);
                    default -> parser.finishToken();
                }
            } while (depth > 0);
            JsonTree.requireEnd(parser);
        }
    }

    /** Refuses annotations that would put names of classes into the file, and so let the file choose classes. */
    private static final class NoClassNames extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
            JsonTypeInfo.Value info = super.findPolymorphicTypeInfo(config, annotated);
            if (info != null
                    && (info.getIdType() == JsonTypeInfo.Id.CLASS
                            || info.getIdType() == JsonTypeInfo.Id.MINIMAL_CLASS)) {
                throw DatabindException.from(
                        (JsonParser) null,
                        "expected no names of classes in the file, found @JsonTypeInfo(use=" + info.getIdType()
                                + ") at " + annotated.getName() + ". Use NAME and @JsonSubTypes");
            }
            return info;
        }
    }
}
