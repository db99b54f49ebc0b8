package geecache.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.DatabindContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper.DefaultTypeResolverBuilder;
import com.fasterxml.jackson.databind.ObjectMapper.DefaultTyping;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.jsontype.PolymorphicTypeValidator;
import com.fasterxml.jackson.databind.jsontype.TypeIdResolver;
import com.fasterxml.jackson.databind.jsontype.impl.TypeIdResolverBase;
import java.util.Collection;

/** Has Jackson 2 name classes where a declared type does not tell them. */
final class NamedJackson2 extends DefaultTypeResolverBuilder {
  private static final long serialVersionUID = 1;

  private final transient NamedTypes types;

  private NamedJackson2(NamedTypes types) {
    super(DefaultTyping.NON_FINAL, new Allowed(types));
    this.types = types;
  }

  static void addTo(JsonMapper mapper, NamedTypes types) {
    mapper.setPolymorphicTypeValidator(new Allowed(types));
    mapper.setDefaultTyping(
        new NamedJackson2(types)
            .init(JsonTypeInfo.Id.CLASS, null)
            .inclusion(JsonTypeInfo.As.PROPERTY));
  }

  /** Constants with a body are of a class of their own, and still of their enum. */
  @Override
  public boolean useForType(JavaType type) {
    return !type.isEnumType() && super.useForType(type);
  }

  @Override
  protected TypeIdResolver idResolver(
      MapperConfig<?> config,
      JavaType baseType,
      PolymorphicTypeValidator validator,
      Collection<NamedType> subtypes,
      boolean forWriting,
      boolean forReading) {
    return new Ids(baseType, types);
  }

  /** Decides for annotations of the application; for all else, {@link Ids} does. */
  private static final class Allowed extends PolymorphicTypeValidator.Base {
    private static final long serialVersionUID = 1;

    private final transient NamedTypes types;

    Allowed(NamedTypes types) {
      this.types = types;
    }

    @Override
    public Validity validateSubClassName(MapperConfig<?> context, JavaType base, String name) {
      return types.allows(name) ? Validity.ALLOWED : Validity.DENIED;
    }

    @Override
    public Validity validateSubType(MapperConfig<?> context, JavaType base, JavaType type) {
      return types.allows(type.getRawClass().getName()) ? Validity.ALLOWED : Validity.DENIED;
    }
  }

  private static final class Ids extends TypeIdResolverBase {
    private final JavaType base;
    private final NamedTypes types;

    Ids(JavaType base, NamedTypes types) {
      super(base, null);
      this.base = base;
      this.types = types;
    }

    @Override
    public String idFromValue(Object value) {
      return types.of(value, base.isContainerType()).getName();
    }

    @Override
    public String idFromValueAndType(Object value, Class<?> suggested) {
      return value == null ? types.find(suggested.getName()).getName() : idFromValue(value);
    }

    @Override
    public JavaType typeFromId(DatabindContext context, String id) {
      return context.constructSpecializedType(base, types.find(id));
    }

    @Override
    public JsonTypeInfo.Id getMechanism() {
      return JsonTypeInfo.Id.CLASS;
    }
  }
}
