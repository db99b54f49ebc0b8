package geecache.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Collection;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeIdResolver;
import tools.jackson.databind.jsontype.impl.DefaultTypeResolverBuilder;
import tools.jackson.databind.jsontype.impl.TypeIdResolverBase;

/** Has Jackson 3 name classes where a declared type does not tell them. */
final class NamedJackson3 extends DefaultTypeResolverBuilder {
  private static final long serialVersionUID = 1;

  private final transient NamedTypes types;

  private NamedJackson3(NamedTypes types) {
    super(new Allowed(types), DefaultTyping.NON_FINAL, JsonTypeInfo.As.PROPERTY);
    this.types = types;
  }

  static void addTo(JsonMapper.Builder mapper, NamedTypes types) {
    mapper.polymorphicTypeValidator(new Allowed(types));
    mapper.setDefaultTyping(new NamedJackson3(types));
  }

  /** Constants with a body are of a class of their own, and still of their enum. */
  @Override
  public boolean useForType(JavaType type) {
    return !type.isEnumType() && super.useForType(type);
  }

  @Override
  protected TypeIdResolver idResolver(
      DatabindContext context,
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
    public Validity validateSubClassName(DatabindContext context, JavaType base, String name) {
      return types.allows(name) ? Validity.ALLOWED : Validity.DENIED;
    }

    @Override
    public Validity validateSubType(DatabindContext context, JavaType base, JavaType type) {
      return types.allows(type.getRawClass().getName()) ? Validity.ALLOWED : Validity.DENIED;
    }
  }

  private static final class Ids extends TypeIdResolverBase {
    private static final long serialVersionUID = 1;

    private final transient JavaType base;
    private final transient NamedTypes types;

    Ids(JavaType base, NamedTypes types) {
      super(base);
      this.base = base;
      this.types = types;
    }

    @Override
    public String idFromValue(DatabindContext context, Object value) {
      return types.of(value, base.isContainerType()).getName();
    }

    @Override
    public String idFromValueAndType(DatabindContext context, Object value, Class<?> suggested) {
      return value == null
          ? types.find(suggested.getName()).getName()
          : idFromValue(context, value);
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
